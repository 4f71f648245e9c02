import Robustness
import Tensors

/// The loop of projected gradient ascent: z <- step(z, v, alpha) with v made of the gradients so far.
///
/// `PGD` and the attacks of the family of FGSM differ in where they begin, where and how the gradient is taken, what
/// becomes of it, and how long a step is. Each ends where the goal is reached.
struct GradientAscent {
  let objective: any Objective
  let region: any FeasibleSet
  let oracle: Oracle
  /// The number of steps.
  let steps: Int
  /// The length of a step in the threat's norm, alpha.
  let stepSize: Double

  /// Creates the ascent.
  ///
  /// - Parameters:
  ///   - objective: What is climbed.
  ///   - region: The set that no point leaves.
  ///   - oracle: The model.
  ///   - steps: The number of steps.
  ///   - stepSize: The length of a step; `nil` for `radii` radii divided by the number of steps.
  ///   - radii: See `stepSize`.
  init(
    _ objective: any Objective, in region: any FeasibleSet, using oracle: Oracle, steps: Int,
    stepSize: Double?, radii: Double = 1
  ) {
    (self.objective, self.region, self.oracle, self.steps) = (objective, region, oracle, steps)
    self.stepSize = stepSize ?? radii * region.radius / Double(max(steps, 1))
  }

  /// Creates the ascent of a loss, or of the margin where that is not defined.
  init(
    _ problem: Problem, using oracle: Oracle, _ loss: Loss, steps: Int, stepSize: Double?,
    radii: Double = 1
  ) throws {
    self.init(
      problem.objective(preferring: loss, outputCount: oracle.outputCount),
      in: try problem.region, using: oracle, steps: steps, stepSize: stepSize, radii: radii)
  }

  /// Climbs.
  ///
  /// - Parameters:
  ///   - start: The first point; `nil` for the center.
  ///   - place: Where the gradient is taken for a point.
  ///   - gradient: How it is taken there; `nil` for that of the objective.
  ///   - slope: What is followed from a point in a step, counted from 0, given the answer.
  /// - Returns: The last point, or the first that reached the goal.
  /// - Throws: What the oracle throws.
  func climb(
    from start: Tensor<Float>? = nil, lookingAt place: (Tensor<Float>) -> Tensor<Float> = { $0 },
    gradient: ((Tensor<Float>) async throws -> Answer)? = nil,
    along slope: (Answer, Tensor<Float>, Int) async throws -> Tensor<Float>
  ) async throws -> Candidate {
    var z = start ?? region.center
    for step in 0..<steps {
      let point = place(z)
      let answer =
        if let gradient {
          try await gradient(point)
        } else {
          try await oracle.gradient(at: point, of: objective)
        }
      if answer.reachesGoal { return Candidate(point) }
      z = region.step(from: z, along: try await slope(answer, z, step), length: stepSize)
    }
    return Candidate(z)
  }
}

/// Gradients accumulated with decay, each scaled to a mean magnitude of 1: v <- mu v + g / mean |g|.
struct Velocity {
  private let decay: Float
  /// The velocity; `nil` before the first gradient.
  private(set) var value: Tensor<Float>?

  init(decay: Double) { self.decay = Float(decay) }

  /// Adds a gradient; one that is zero or not finite adds nothing.
  ///
  /// - Returns: The new velocity.
  mutating func add(_ gradient: Tensor<Float>) -> Tensor<Float> {
    let mean = gradient.norm1 / Double(max(gradient.count, 1))
    let scale = mean > 0 && mean.isFinite ? 1 / mean : 0
    let decay = decay
    // Beyond this the factor itself leaves the range of `Float`.
    let unit =
      scale > 1e30
      ? gradient.map { Float(Double($0) * scale) }
      : scale == 0 ? .zeros(gradient.shape) : Float(scale) * gradient
    let sum = value.map { $0.zip(unit) { decay * $0 + $1 } } ?? unit
    value = sum
    return sum
  }
}
