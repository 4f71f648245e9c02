public import Robustness
package import Tensors

/// Translation invariance: gradients smoothed by a Gaussian, which stands for the mean over shifted pictures.
///
/// v <- mu v + W g / mean |W g|; z <- step(z, v, alpha), from x, where W convolves each channel with a Gaussian cut at
/// three standard deviations, zeros beyond the border. With `probability` above zero the inputs are those of `DIFGSM`
/// (the paper's TI-DIM, with mu = 1).
///
/// Dong, Pang, Su and Zhu, "Evading defenses to transferable adversarial examples by translation-invariant attacks",
/// 2019, https://arxiv.org/abs/1904.02884.
///
/// Where the objective is not defined the margin takes its place; see `APGD`. Inputs that are not channels x height x
/// width, and threats whose parameters are no such picture, throw `AttackError.notAPicture`.
///
/// Cost: at most `steps` gradients; it stops where the picture as it is reaches the goal. Guarantee: none.
public struct TIFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "ti-fgsm"
  /// No: gradients are smoothed as pictures, which parameters of other threats are not.
  public static let worksBeyondBalls = false

  /// The attack without smoothing.
  public var base = DIFGSM { $0.probability = 0 }
  /// How many pixels the Gaussian reaches to each side; 7 for the paper's 15 x 15.
  public var kernelRadius = 7

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.base.steps), .stepSize(\.base.stepSize, .radiiPerStep(1)), .decay(\.base.decay),
    .integer(
      "kernel-radius", \.kernelRadius, 0...1000,
      "how many pixels gradients are smoothed over, to each side"),
    .probability(\.base.probability), .leastSize(\.base.rate), .objective(\.base.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { base.budget }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let shape = try problem.region.center.shape
    guard shape.rank == 3 else { throw AttackError.notAPicture(shape, attack: Self.name) }
    let kernel = GaussianKernel(radius: kernelRadius)
    return try await base.climb(problem, using: oracle, name: Self.name) { kernel.smoothed($0) }
  }
}

/// A Gaussian cut at three standard deviations, of weights that add up to 1 along each axis.
package struct GaussianKernel {
  private let weights: [Float]
  private let radius: Int

  /// Creates the kernel of 2 `radius` + 1 pixels to a side.
  package init(radius: Int) {
    self.radius = radius
    let values = (-radius...radius).map { place -> Double in
      let deviations = radius == 0 ? 0 : 3 * Double(place) / Double(radius)
      return Double.exp(-deviations * deviations / 2)
    }
    let sum = values.reduce(0, +)
    weights = values.map { Float($0 / sum) }
  }

  /// Each channel of a picture convolved with the kernel, zeros beyond the border: along columns, then along rows.
  package func smoothed(_ picture: Tensor<Float>) -> Tensor<Float> {
    let (height, width) = (picture.shape[1], picture.shape[2])
    return along(along(picture, extent: height, stride: width), extent: width, stride: 1)
  }

  /// One axis, given by its extent and the distance of neighbours.
  private func along(_ picture: Tensor<Float>, extent: Int, stride: Int) -> Tensor<Float> {
    picture.withUnsafeScalars { source in
      weights.withUnsafeBufferPointer { weights in
        Tensor(shape: picture.shape) { target in
          target.update(repeating: 0)
          let lines = picture.count / (extent * stride)
          for line in 0..<lines {
            let base = line * extent * stride
            for shift in max(-radius, 1 - extent)...min(radius, extent - 1) {
              let weight = weights[shift + radius]
              // The places whose neighbour at this shift is on the same line.
              let first = max(0, -shift)
              let count = (extent - abs(shift)) * stride
              let to = base + first * stride
              let from = base + (first + shift) * stride
              for index in 0..<count { target[to + index] += weight * source[from + index] }
            }
          }
        }
      }
    }
  }
}
