import Synchronization
import Tensors

// Threats of which the adversary may choose one: an attack runs on each in turn.
extension AttackRunner {
  /// Runs a cascade on the first alternative of each threat, then on the next where that held, and so on.
  ///
  /// - Returns: For each problem the sum of the passes, the largest margin, and the adversarial example that was found first.
  func runAlternatives(
    _ stages: [Stage], on problems: [Problem],
    progress: (@Sendable (_ finished: Int, _ outcome: Outcome) -> Void)?
  ) async throws -> [Outcome] {
    let counts = problems.map { $0.threat.alternatives.count }
    let most = counts.max() ?? 1
    let finished = Counter()
    var outcomes = [Outcome?](repeating: nil, count: problems.count)
    for round in 0..<most {
      let open = problems.indices.filter { position in
        round < counts[position] && (outcomes[position]?.robust ?? true)
      }
      let chosen = open.map { problems[$0].choosing(problems[$0].threat.alternatives[round]) }
      let isLast = round == most - 1
      let found = try await run(stages, on: chosen) { _, outcome in
        if isLast || !outcome.robust { progress?(finished.next(), outcome) }
      }
      for (position, outcome) in zip(open, found) {
        outcomes[position] = outcome.following(outcomes[position], place: round)
      }
    }
    return outcomes.compactMap { $0 }
  }

  /// Runs an attack on all alternatives of each threat, and takes the input with the largest loss, for which there is
  /// a forward pass each.
  func worstAlternatives(
    _ attack: any Attack, on problems: [Problem]
  ) async throws -> [TrainingInput] {
    let counts = problems.map { $0.threat.alternatives.count }
    var worst = [TrainingInput?](repeating: nil, count: problems.count)
    var losses = [Double](repeating: -.infinity, count: problems.count)
    var passes = [Passes](repeating: .zero, count: problems.count)
    for round in 0..<(counts.max() ?? 1) {
      let open = problems.indices.filter { round < counts[$0] }
      let chosen = open.map { problems[$0].choosing(problems[$0].threat.alternatives[round]) }
      let inputs = try await trainingInputs(attack, on: chosen)
      let found = try await self.losses(of: inputs.map(\.input), attack, chosen)
      for (place, position) in open.enumerated() {
        passes[position] += inputs[place].passes + Passes(forward: 1)
        guard worst[position] == nil || found[place] > losses[position] else { continue }
        worst[position] = inputs[place]
        losses[position] = found[place]
      }
    }
    return zip(worst, passes).compactMap { worst, passes in
      worst.map {
        TrainingInput(index: $0.index, input: $0.input, passes: passes, failure: $0.failure)
      }
    }
  }

  private func losses(
    of inputs: [Tensor<Float>], _ attack: any Attack, _ problems: [Problem]
  ) async throws -> [Double] {
    let settings = try settings([Stage(attack)], problems, .training)
    let work = ActiveRun<Double>.Work(
      live: { try await $0.loss(of: inputs[$0.position]) },
      skip: { _ in -.infinity }, rescue: { _, _ in -.infinity })
    return try await ActiveRun(problems, settings: settings, runner: self, work: work).run()
  }

  /// A count that rows on different threads share.
  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
  }
}

extension Outcome {
  /// What came of a problem after one alternative of its threat was tried, and those before it, which held.
  fileprivate func following(_ earlier: Outcome?, place: Int) -> Outcome {
    let first = earlier ?? self
    return Outcome(
      index: index, label: label, prediction: prediction, cleanMargin: first.cleanMargin,
      margin: margin > first.margin ? margin : first.margin, adversarialExample: adversarialExample,
      lessSure: adversarialExample == nil && margin <= first.margin
        ? first.lessSure ?? lessSure : lessSure,
      alternative: adversarialExample == nil ? nil : place, nearest: nil,
      passes: (earlier?.passes ?? .zero) + passes,
      stagePasses: earlier.map { zip($0.stagePasses, stagePasses).map { $0 + $1 } } ?? stagePasses,
      failure: earlier?.failure ?? failure)
  }
}
