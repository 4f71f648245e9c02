public import Robustness
package import Tensors

/// Diverse inputs: gradients of a picture that is made smaller and moved at random.
///
/// v <- mu v + g / mean |g| with g the gradient of L(f(T(z))), where T is, with probability p, a bilinear resize to a
/// random size from `rate` times the picture's up and a random place on a ground of zeros, else nothing; z <- step(z,
/// v, alpha), from x. The paper enlarges instead, which networks of a fixed input size do not take.
///
/// Xie, Zhang, Zhou, Bai, Wang, Ren and Yuille, "Improving transferability of adversarial examples with input
/// diversity", 2019, https://arxiv.org/abs/1803.06978.
///
/// Where the objective is not defined the margin takes its place; see `APGD`. Inputs that are not channels x height x
/// width throw `AttackError.notAPicture`.
///
/// Cost: at most `steps` gradients; it stops where the picture as it is reaches the goal. Guarantee: none.
public struct DIFGSM: GradientAttack {
  /// The name on the command line.
  public static let name = "di-fgsm"

  /// The number of steps.
  public var steps = 10
  /// The length of a step in the threat's norm; `nil` for the radius divided by the number of steps.
  public var stepSize: Double?
  /// The share mu of past gradients kept at each step.
  public var decay = 0.0
  /// The probability p of another input.
  public var probability = 0.5
  /// The least size of the smaller picture, as a share.
  public var rate = 0.9
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(1)), .decay(\.decay),
    .probability(\.probability), .leastSize(\.rate), .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    try await climb(problem, using: oracle, name: Self.name) { $0 }
  }

  /// Climbs along gradients that were passed through a function.
  func climb(
    _ problem: Problem, using oracle: Oracle, name: String,
    smoothing: (Tensor<Float>) -> Tensor<Float>
  ) async throws -> Candidate {
    let shape = problem.input.shape
    guard shape.rank == 3, shape.count > 0 else {
      throw AttackError.notAPicture(shape, attack: name)
    }
    let ascent = try GradientAscent(
      problem, using: oracle, loss, steps: steps, stepSize: stepSize)
    var randomness = oracle.randomness("diversity")
    var velocity = Velocity(decay: decay)
    func gradient(_ z: Tensor<Float>) async throws -> Answer {
      guard Double(randomness.uniform()) < probability else {
        return try await oracle.gradient(at: z, of: ascent.objective)
      }
      let diversity = InputDiversity(of: shape, rate: rate, using: &randomness)
      return try await oracle.gradient(at: z, of: ascent.objective, through: diversity)
    }
    return try await ascent.climb(gradient: gradient) { answer, _, _ in
      velocity.add(smoothing(answer.gradient))
    }
  }
}

/// A picture made smaller by bilinear interpolation and put on a ground of zeros of the former size.
///
/// Pixels are squares, as PyTorch's `align_corners=False` has it. The gradient is exact: the adjoint of the same weights.
package struct InputDiversity: InputTransformation {
  /// Where one place of the smaller picture comes from: its first source, and the weights of this and the next.
  private struct Tap {
    let source: Int
    let next: Int
    let first: Float
    let second: Float
  }

  private let rows: [Tap]
  private let columns: [Tap]
  private let top: Int
  private let left: Int

  /// Draws a size, from `rate` times the picture's up to less than the whole, and a place; a rate of 1 changes nothing.
  ///
  /// - Precondition: `shape` is channels x height x width.
  package init(of shape: Shape, rate: Double, using randomness: inout Philox) {
    func draw(_ size: Int, _ share: Float) -> Int {
      let least = min(max(Int(rate * Double(size)), 1), size)
      return min(least + Int(share * Float(size - least)), size)
    }
    // One share for both, so that a picture keeps its proportions.
    let share = randomness.uniform()
    let (height, width) = (shape[1], shape[2])
    let (smallHeight, smallWidth) = (draw(height, share), draw(width, share))
    rows = Self.taps(from: height, to: smallHeight)
    columns = Self.taps(from: width, to: smallWidth)
    top = height > smallHeight ? randomness.integer(below: height - smallHeight + 1) : 0
    left = width > smallWidth ? randomness.integer(below: width - smallWidth + 1) : 0
  }

  package func apply(_ input: Tensor<Float>) -> Tensor<Float> {
    input.withUnsafeScalars { source in
      Tensor(shape: input.shape) { target in
        target.update(repeating: 0)
        forEachPlace(of: input.shape) { place, upper, lower, row, column in
          let above =
            column.first * source[upper + column.source]
            + column.second * source[upper + column.next]
          let below =
            column.first * source[lower + column.source]
            + column.second * source[lower + column.next]
          target[place] = row.first * above + row.second * below
        }
      }
    }
  }

  package func pullback(_ gradient: Tensor<Float>, at input: Tensor<Float>) -> Tensor<Float> {
    gradient.withUnsafeScalars { source in
      Tensor(shape: input.shape) { target in
        target.update(repeating: 0)
        forEachPlace(of: input.shape) { place, upper, lower, row, column in
          let slope = source[place]
          target[upper + column.source] += row.first * column.first * slope
          target[upper + column.next] += row.first * column.second * slope
          target[lower + column.source] += row.second * column.first * slope
          target[lower + column.next] += row.second * column.second * slope
        }
      }
    }
  }

  /// Calls a function with each place of the smaller picture, where the two rows begin that it comes from, and its taps.
  @inline(__always)
  private func forEachPlace(of shape: Shape, _ body: (Int, Int, Int, Tap, Tap) -> Void) {
    let (height, width) = (shape[1], shape[2])
    for channel in 0..<shape[0] {
      let plane = channel * height * width
      for (y, row) in rows.enumerated() {
        let start = plane + (top + y) * width + left
        for (x, column) in columns.enumerated() {
          body(start + x, plane + row.source * width, plane + row.next * width, row, column)
        }
      }
    }
  }

  private static func taps(from size: Int, to smaller: Int) -> [Tap] {
    (0..<smaller).map { place in
      let center = (Double(place) + 0.5) * Double(size) / Double(smaller) - 0.5
      let position = min(max(center, 0), Double(size - 1))
      let source = min(Int(position), size - 1)
      let second = Float(position - Double(source))
      return Tap(
        source: source, next: min(source + 1, size - 1), first: 1 - second, second: second)
    }
  }
}
