import Attacks
import Diagnosis
import Evaluation
import Models
import Networks
import Robustness
import SoundModels
import Tensors

/// An evaluation in the maximum norm with its checklist, as the command makes one.
struct ChecklistRun {
  let evaluation: Evaluation
  let checks: [Check]
  /// What the doctor found before.
  let findings: [Finding]

  var suspicious: Set<Check.Kind> {
    Set(checks.filter { $0.status == .suspicious }.map(\.kind))
  }

  /// Evaluates a model on examples, and goes through the list; if `isShort`, by attacks shorter than the standard ones.
  init(
    _ model: any BatchedModel, network: Network? = nil, _ examples: SoundExamples, radius: Double,
    isShort: Bool
  ) async throws {
    let classes = max(2, model.outputCount)
    let suite =
      isShort
      ? try Suite(
        [
          Suite.Member("apgd-ce", APGD { $0.steps = 50 }),
          Suite.Member(
            "apgd-t",
            APGD {
              $0.steps = 20
              $0.loss = .dlr
              $0.targets = min(3, classes - 1)
            }),
          Suite.Member("square", Square { $0.queries = 500 }),
        ], norm: .infinity)
      : try Suite.standard(.infinity, outputCount: model.outputCount)
    let runner = AttackRunner(model: model, batch: 64, seed: 5)
    let bounds = examples.bounds
    func problems(_ radius: Double) throws -> [Problem] {
      let ball = try Ball(.infinity, radius: radius, bounds: InputBounds(bounds))
      return try examples.labels.indices.map { place in
        let label = examples.labels[place]
        return try Problem(
          index: place, input: examples.inputs.row(place), label: label, threat: ball,
          goal: model.outputCount == 1 ? .avoid(singleLogit: label) : .avoid(label))
      }
    }
    let inside = try problems(radius)
    let whole = try problems(Double(bounds.upperBound) - Double(bounds.lowerBound))
    let found = zip(inside, try await runner.run(suite.stages, on: inside)).map {
      ExampleRecord($1, label: $0.label ?? 0)
    }
    evaluation = Evaluation(stages: suite.members.map(\.name), records: found)
    findings = try await ModelDiagnosis.perform(
      on: model, network: network, inputs: examples.inputs, labels: examples.labels
    ).findings
    let sample = found.indices.filter { found[$0].isRight }.map {
      Checklist.Specimen(record: found[$0], problem: inside[$0], unbounded: whole[$0])
    }
    checks = try await Checklist(evaluation, suite: suite, norm: .infinity, sample: sample)
      .perform(on: runner, findings: findings)
  }
}
