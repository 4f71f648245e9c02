import Attacks
import Datasets
import Diagnosis
import Engine
import Evaluation
import Models
import Networks
import Robustness
import Tensors
import Testing

/// Defences that only hide the way: the checklist must say so, and attacks that know of them must break them.
@Suite struct ChecklistTests {
  private static let radius = 0.15
  private static let count = 40

  /// A network without a defence, and examples that it reads rightly.
  private struct Bench {
    let model: CompiledNetwork
    let examples: [Example]

    init() throws {
      model = try CompiledNetwork(try BuiltInNetwork.mnistStandard.load().network)
      examples = try MNIST.load(.test).subset(offset: 0, count: ChecklistTests.count).examples
    }

    func problems(radius: Double) throws -> [Problem] {
      let ball = try Ball(.infinity, radius: radius)
      return try examples.map {
        try Problem(index: $0.index, input: $0.input, label: $0.label, threat: ball)
      }
    }

    /// Evaluates a model, and goes through the list.
    func check(
      _ model: any BatchedModel
    ) async throws -> (evaluation: Evaluation, suspicious: Set<Check.Kind>, checks: [Check]) {
      let suite = try Suite(
        [
          Suite.Member("apgd-ce", APGD { $0.steps = 50 }),
          Suite.Member(
            "apgd-t",
            APGD {
              $0.steps = 20
              $0.loss = .dlr
              $0.targets = 3
            }),
          Suite.Member("square", Square { $0.queries = 500 }),
        ], norm: .infinity)
      let runner = AttackRunner(model: model, batch: 64, seed: 5)
      let inside = try problems(radius: ChecklistTests.radius)
      let whole = try problems(radius: 1)
      let found = zip(inside, try await runner.run(suite.stages, on: inside)).map {
        ExampleRecord($1, label: $0.label ?? 0)
      }
      let evaluation = Evaluation(stages: suite.members.map(\.name), records: found)
      let report = try await ModelDiagnosis.perform(
        on: model, inputs: .stacking(examples.map(\.input)), labels: examples.map(\.label))
      let sample = found.indices.filter { found[$0].isRight }.map {
        Checklist.Specimen(record: found[$0], problem: inside[$0], unbounded: whole[$0])
      }
      let checks = try await Checklist(
        evaluation, suite: suite, norm: .infinity, sample: sample
      ).perform(on: runner, findings: report.findings)
      return (evaluation, Set(checks.filter { $0.status == .suspicious }.map(\.kind)), checks)
    }

    /// The share that holds against an attack that knows of the defence.
    func adaptive(_ model: any BatchedModel) async throws -> Double {
      let outcomes = try await AttackRunner(model: model, batch: 64, seed: 5).run(
        APGD {
          $0.steps = 50
          $0.loss = .margin
        },
        on: try problems(radius: ChecklistTests.radius))
      return Double(outcomes.count { $0.robust }) / Double(outcomes.count)
    }
  }

  @Test func anHonestNetworkIsNotSuspected() async throws {
    let bench = try Bench()
    let (evaluation, suspicious, checks) = try await bench.check(bench.model)
    #expect(suspicious.isEmpty, "\(checks)")
    #expect(checks.map(\.kind) == Check.Kind.allCases)
    #expect(evaluation.robust.share < 0.1)
  }

  @Test func quantisedInput() async throws {
    let bench = try Bench()
    // Half a step is less than half of the radius, so that there is something to be found.
    let rule = InputQuantization(levels: 8)
    let (evaluation, suspicious, checks) = try await bench.check(
      PreprocessedModel(bench.model, behind: rule))
    #expect(suspicious.contains(.zeroGradients) && suspicious.count >= 2, "\(checks)")
    // Attacks with gradients see nothing to climb.
    #expect(evaluation.contributions[1].accuracy.share > 0.6)
    let adaptive = try await bench.adaptive(
      PreprocessedModel(bench.model, behind: rule, backward: .straight))
    #expect(adaptive < 0.1)
  }

  @Test func saturatedSoftmax() async throws {
    let bench = try Bench()
    let defended = SoftmaxModel(bench.model, temperature: 0.01)
    let (evaluation, suspicious, checks) = try await bench.check(defended)
    #expect(suspicious.isSuperset(of: [.zeroGradients, .probabilities]), "\(checks)")
    #expect(evaluation.robust.share > 0.3)
    let adaptive = try await bench.adaptive(TransferModel(defended, through: [bench.model]))
    #expect(adaptive < 0.1 && adaptive < evaluation.robust.share - 0.2)
  }

  @Test func randomResize() async throws {
    let bench = try Bench()
    let rule = RandomResize(least: 0.7)
    let (evaluation, suspicious, checks) = try await bench.check(
      PreprocessedModel(bench.model, behind: rule, draws: .fresh(DrawCounter())))
    #expect(suspicious.contains(.randomized), "\(checks)")
    // What holds on average over the draws is what the defence promises.
    let adaptive = try await bench.adaptive(
      PreprocessedModel(bench.model, behind: rule, drawCount: 8))
    #expect(adaptive < 0.1)
    #expect(evaluation.clean.share > 0.5)
  }
}
