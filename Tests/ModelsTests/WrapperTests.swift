import Models
import Tensors
import Testing

/// Models that are made of other models.
@Suite struct WrapperTests {
  private static func affine(_ key: UInt64) -> AffineModel {
    var randomness = Philox(key: key)
    return AffineModel(
      inputShape: [2, 6, 6], weights: randomness.normals([4, 72]),
      biases: randomness.normals([4]))
  }

  /// A factor of its own for each draw.
  private struct RandomScale: Preprocessing {
    func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> {
      (0.5 + randomness.uniform()) * x
    }

    func pullback(
      _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
    ) -> Tensor<Float> { (0.5 + randomness.uniform()) * gradient }
  }

  static let models: [(any BatchedModel, Double)] = [
    (affine(33), 1e-3),
    (ScaledModel(affine(33), factor: 3), 1e-3),
    (SoftmaxModel(affine(33), temperature: 9), 0.01),
    (TransferModel(affine(44), through: [affine(33), affine(44)]), 1e-3),
    (TransferModel(affine(44), through: [affine(33)]), 1e-3),
    (PreprocessedModel(affine(33), behind: Doubling()), 1e-3),
  ]

  /// Every value times two, by a rule without chance, so that neighbours see the same one.
  private struct Doubling: Preprocessing {
    func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> { 2 * x }

    func pullback(
      _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
    ) -> Tensor<Float> { 2 * gradient }
  }

  @Test(arguments: models.indices)
  func `wrappers differentiate what they compute`(_ place: Int) throws {
    let (model, tolerance) = Self.models[place]
    var randomness = Philox(key: 7)
    let x = randomness.uniforms(model.inputShape)
    let slopes = randomness.normals([1, 4])
    func value(_ x: Tensor<Float>) throws -> Double {
      zip(try model.evaluate(x).scalars, slopes.scalars).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    let gradient = try model.differentiate(x) { _ in slopes }.gradients
    for index in 0..<x.count {
      var (up, down) = (x, x)
      up[index] += 1e-2
      down[index] -= 1e-2
      let slope = (try value(up) - value(down)) / Double(up[index] - down[index])
      #expect(abs(slope - Double(gradient[index])) < tolerance * gradient.normInfinity)
    }
  }

  @Test func `keyed draws depend on the input alone, fresh ones on nothing`() throws {
    let keyed = PreprocessedModel(Self.affine(33), behind: RandomScale(), drawCount: 3)
    let fresh = PreprocessedModel(
      Self.affine(33), behind: RandomScale(), draws: .fresh(DrawCounter()))
    var randomness = Philox(key: 2)
    let inputs = randomness.uniforms([5, 2, 6, 6])
    let together = try keyed.evaluate(inputs)
    for row in 0..<5 {
      let x = inputs.row(row)
      #expect(try together.row(row) == keyed.evaluate(x).row(0))
      #expect(try fresh.evaluate(x) != fresh.evaluate(x))
    }
  }

  @Test func `a straight backward pass does not see the preprocessing`() throws {
    let rule = InputQuantization(levels: 8)
    var randomness = Philox(key: 3)
    let x = randomness.uniforms([2, 6, 6])
    let slopes = randomness.normals([1, 4])
    let exact = try PreprocessedModel(Self.affine(33), behind: rule).differentiate(x) { _ in slopes
    }
    let straight = try PreprocessedModel(Self.affine(33), behind: rule, backward: .straight)
      .differentiate(x) { _ in slopes }
    #expect(exact.outputs == straight.outputs && exact.gradients == .zeros(x.shape))
    #expect(try straight.gradients == Self.affine(33).differentiate(x) { _ in slopes }.gradients)
  }

  @Test func `of a transfer the target judges and the surrogates are seen`() throws {
    let (target, first, second) = (Self.affine(44), Self.affine(33), Self.affine(55))
    let model = TransferModel(target, through: [first, second])
    var randomness = Philox(key: 4)
    let x = randomness.uniforms([3, 2, 6, 6])
    #expect(try model.evaluate(x, isExact: true) == target.evaluate(x))
    let mean = try first.evaluate(x).zip(second.evaluate(x)) { $0 / 2 + $1 / 2 }
    #expect(try model.evaluate(x) == mean)
    #expect(model.uncertainty == .infinity && model.knowledge == .gradients)
  }
}
