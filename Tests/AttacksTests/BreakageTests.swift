import Attacks
import Models
import Robustness
import Tensors
import Testing

/// On a model that is linear in its input the radius that breaks an example has a closed form.
@Suite struct BreakageTests {
  /// The lead of class 0 is bias - sum of x, so each of the four numbers must rise by lead / 4.
  private let model = AffineModel(
    inputShape: [4], weights: Tensor([0, 0, 0, 0, 1, 1, 1, 1], shape: [2, 4]),
    biases: Tensor([2, 0], shape: [2]))

  private let inputs: [Float] = [0.1, 0.25, 0.4, 0.6]

  private func problem(_ position: Int, _ radius: Double) throws -> Problem {
    try Problem(
      index: position, input: Tensor(repeating: inputs[position], shape: [4]), label: 0,
      threat: Ball(.infinity, radius: radius))
  }

  /// 0.4, 0.25 and 0.1; the last one is misclassified as it is.
  private var exact: [Double] { inputs.map { max(0, 0.5 - Double($0)) } }

  @Test func `an example breaks at the first radius that suffices`() async throws {
    let radii = [0.05, 0.15, 0.3, 0.35]
    var steps: [Int] = []
    let found = try await AttackRunner(model: model).breakages(
      by: FGSM(), radii: radii, count: inputs.count, progress: { steps.append($0) },
      problem: problem)
    #expect(found.map { $0?.radius } == [nil, 0.3, 0.15, 0])
    #expect(steps == [1, 2, 3, 4])
    for (position, breakage) in found.enumerated() {
      guard let breakage, let adversarialExample = breakage.adversarialExample else { continue }
      #expect(adversarialExample.distance <= breakage.radius)
      #expect(try problem(position, breakage.radius).region.contains(adversarialExample.z))
    }
    #expect(found[3]?.adversarialExample == nil && found[3] != nil)
  }

  @Test func `what is broken is not attacked again`() async throws {
    let asked = Asked()
    _ = try await AttackRunner(model: model).breakages(
      by: FGSM(), radii: [0.15, 0.3, 0.35], count: inputs.count
    ) { position, radius in
      asked.positions.append(position)
      return try problem(position, radius)
    }
    #expect(asked.positions == [0, 1, 2, 3, 0, 1, 0])
  }

  @Test func `bisection closes in on the exact radius`() async throws {
    let runner = AttackRunner(model: model)
    let coarse = try await runner.breakages(
      by: FGSM(), radii: [0.5], count: inputs.count, problem: problem
    ).compactMap { $0 }
    let rounds = 12
    let narrow = try await runner.narrowed(coarse, by: FGSM(), rounds: rounds, problem: problem)
    for (position, breakage) in narrow.enumerated() {
      #expect(breakage.radius >= exact[position])
      #expect(breakage.radius <= exact[position] + 0.5 / 4096 + 1e-6)
      #expect(
        breakage.adversarialExample.map { $0.distance <= breakage.radius } ?? (breakage.radius == 0)
      )
    }
  }

  private final class Asked {
    var positions: [Int] = []
  }
}
