import Attacks
import Models
import Robustness

extension Checklist {
  /// Short attacks on the sample, as far as the model reveals what they need.
  func probes(_ runner: AttackRunner) async throws -> [Check] {
    guard !sample.isEmpty else {
      return [.singleStep, .notConverged, .unbounded, .noise].map {
        Check($0, .unknown, "no example is classified correctly")
      }
    }
    let knowledge = runner.model.knowledge
    let noise =
      knowledge >= .scores
      ? try await noise(runner) : Check(.noise, .unknown, "needs scores, to tell draws apart")
    guard knowledge >= .gradients, norm != .zero else {
      let unbounded =
        knowledge >= .scores && Square.norms.contains(norm)
        ? try await unbounded(runner)
        : Check(.unbounded, .unknown, "needs scores, and a norm other than l0")
      return [noise, unbounded]
        + [.singleStep, .notConverged].map {
          Check($0, .unknown, "needs gradients, and a norm other than l0")
        }
    }
    return [
      try await singleStep(runner), try await converged(runner), try await unbounded(runner), noise,
    ]
  }

  private func singleStep(_ runner: AttackRunner) async throws -> Check {
    guard let first = suite.members.first(where: { $0.knowledge >= .gradients }) else {
      return Check(.singleStep, .unknown, "the evaluation has no attack with gradients")
    }
    let outcomes = try await runner.run(FGSM(), on: sample.map(\.problem))
    let missed = zip(sample, outcomes).filter { specimen, outcome in
      outcome.adversarialExample != nil && specimen.record.adversarialExample?.attack != first.name
    }.map(\.0)
    let isMany = missed.count >= 2 && missed.count > sample.count / 50
    let later = try await broken(isMany ? missed : [], byMore: runner)
    return Check(
      .singleStep, if: isMany && 2 * later < missed.count,
      "one step along the gradient (FGSM) breaks \(missed.count) of \(sample.count) examples that \(first.name) did"
        + " not" + Checklist.words(later, of: isMany ? missed.count : 0),
      advice: "the iterated attack is stuck: look at its steps, and at the gradients")
  }

  private func converged(_ runner: AttackRunner) async throws -> Check {
    let left = sample.filter { $0.record.isRobust }
    guard !left.isEmpty else {
      return Check(.notConverged, .clear, "no example of the sample is left to be broken")
    }
    let other = AttackRunner(
      model: runner.model, batch: runner.batch, seed: runner.seed &+ 1, workers: runner.workers,
      stallLimit: runner.stallLimit, memory: runner.memory)
    let outcomes = try await other.run(
      ascents(steps: 200, on: runner.model), on: left.map(\.problem))
    let count = outcomes.count { $0.adversarialExample != nil }
    return Check(
      .notConverged, if: count >= 2 && count > left.count / 50,
      "twice the steps from other starts break \(count) of \(left.count) examples that held",
      advice:
        "the attacks had not converged: the accuracy is an overestimate; evaluate with more steps")
  }

  private func unbounded(_ runner: AttackRunner) async throws -> Check {
    let stages =
      runner.model.knowledge >= .gradients
      ? ascents(steps: 100, on: runner.model) : [Stage(Square { $0.queries = 1000 })]
    let outcomes = try await runner.run(stages, on: sample.map(\.unbounded))
    var held = zip(sample, outcomes).filter { $1.robust }.map(\.0)
    let isMany = held.count >= 2 && held.count > sample.count / 20
    let total = held.count
    // An example of another class shows that a change succeeds; where all are of one, perhaps none does.
    let others = known
    let possible = held.filter { specimen in others.contains { $0 != specimen.record.label } }
    if isMany, runner.model.knowledge >= .gradients {
      let again = try await runner.run(Checklist.manyStarts, on: possible.map(\.unbounded))
      held = zip(possible, again).filter { $1.robust }.map(\.0)
    } else {
      held = possible
    }
    return Check(
      .unbounded, if: held.count >= 2 && held.count > sample.count / 20,
      "\(held.count) of \(sample.count) examples hold although any change is allowed"
        + (possible.count == total
          ? ""
          : "; \(total - possible.count) more do, but no input is known that the model takes for another class"),
      advice:
        "an attack that may change everything must succeed: the attacks do not work on this model")
  }

  /// APGD on the cross-entropy, then toward the nearest classes.
  private func ascents(steps: Int, on model: any BatchedModel) -> [Stage] {
    let targeted = APGD {
      $0.steps = steps
      $0.loss = .dlr
      $0.targets = min(3, max(2, model.outputCount) - 1)
    }
    return [
      Stage(APGD { $0.steps = steps }, named: "apgd-ce"), Stage(targeted, named: "apgd-t"),
    ]
  }

  private func noise(_ runner: AttackRunner) async throws -> Check {
    let draws = RandomNoise { $0.samples = 200 }
    guard !whiteBox.isEmpty else { return try await noise(draws, runner) }
    let outcomes = try await runner.run(draws, on: sample.map(\.problem))
    let count = outcomes.count { $0.adversarialExample != nil }
    let white = whiteBox
    let found = sample.count { white.contains($0.record.adversarialExample?.attack ?? "") }
    let missed = zip(sample, outcomes).filter { specimen, outcome in
      outcome.adversarialExample != nil
        && !white.contains(specimen.record.adversarialExample?.attack ?? "")
    }.map(\.0)
    let later = try await broken(missed, byMore: runner)
    let text =
      "random noise within the same radius (200 draws) breaks \(count) of \(sample.count) examples; attacks with"
      + " gradients break \(found) and miss \(missed.count) of these"
      + Checklist.words(later, of: missed.count)
    let advice = "chance does as well as the gradient: the gradient is masked"
    guard later == missed.count else { return Check(.noise, .suspicious, text, advice: advice) }
    guard count >= 5, 2 * count > found, 10 * found < 9 * sample.count else {
      return Check(.noise, .clear, text)
    }
    let probe = ChanceProbe()
    _ = try await runner.run(probe, on: sample.map(\.smooth))
    return Check(
      .noise, if: probe.share < 0.5 && 2 * probe.brokenCount < count,
      text
        + "; if the model were linear, noise would break \(probe.brokenCount) and move"
        + " \(Int((100 * probe.share).rounded())) % of the way to the worst perturbation",
      advice: advice)
  }

  /// Noise where no attack of the evaluation sees gradients: each call may be dear, and of what is broken already
  /// there is nothing to learn.
  private func noise(_ draws: RandomNoise, _ runner: AttackRunner) async throws -> Check {
    let left = sample.filter { $0.record.isRobust }
    guard !left.isEmpty else {
      return Check(.noise, .clear, "no example of the sample is left to be broken")
    }
    let count = try await runner.run(draws, on: left.map(\.problem)).count {
      $0.adversarialExample != nil
    }
    return Check(
      .noise, if: count > 0,
      "noise of the same size (200 draws) breaks \(count) of \(left.count) examples that held",
      advice: "chance does better than the attacks: evaluate with more queries, or other attacks")
  }
}
