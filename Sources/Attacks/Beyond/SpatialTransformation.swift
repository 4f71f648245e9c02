public import Robustness
import Tensors

/// A smooth flow of the pixels that raises the loss (stAdv).
///
/// It ascends L(f(apply(z, x))) - tau TV(z), where z is the displacement of every pixel and TV(z) = the sum over
/// neighbouring places p, q of sqrt(|z_p - z_q|^2 + 1e-8), by normalised gradient steps with momentum 0.9, projected onto the
/// threat: v <- 0.9 v + g / |g|_infinity, z <- Proj(z + alpha v / |v|_infinity). The best point seen counts.
///
/// Xiao, Zhu, Li, He, Liu and Song, "Spatially transformed adversarial examples", 2018,
/// https://arxiv.org/abs/1801.02612, which minimises the sum by L-BFGS without a limit on the flow.
///
/// Cost: at most `steps` forwards and backwards; it stops where the goal is reached. Guarantee: none.
public struct SpatialTransformation: GradientAttack {
  /// The name on the command line.
  public static let name = "stadv"
  /// None: it is for threats that are no balls.
  public static let norms: [Norm] = []

  /// The number of steps.
  public var steps = 100
  /// The length of a step in pixels; `nil` for a tenth of the threat's largest displacement.
  public var stepSize: Double?
  /// The weight tau of the total variation.
  public var smoothness = 0.05
  /// What to maximise.
  public var loss = Loss.margin

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radii(0.1)),
    .number("smoothness", \.smoothness, 0...1e6, "weight of the flow's total variation"),
    .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(loss, outputCount: oracle.outputCount)
    let region = try problem.region
    guard region.center.shape.rank == 3, region.center.shape[0] == 2, problem.threat is Flow else {
      throw AttackError.threat(attack: Self.name, expected: "flow:PIXELS")
    }
    let length = Float(stepSize ?? region.radius / 10)
    // A flow of zero reads pixels exactly, where the derivative is one-sided.
    var randomness = oracle.randomness("start")
    var z = region.projection(of: (0.01 * length) * randomness.normals(region.center.shape))
    var velocity = Tensor<Float>.zeros(z.shape)
    var best = (z: region.center, margin: -Double.infinity)
    for _ in 0..<steps {
      let answer = try await oracle.gradient(at: z, of: objective)
      if answer.margin > best.margin { best = (z, answer.margin) }
      if answer.reachesGoal { return Candidate(z) }
      let slope = answer.gradient - Float(smoothness) * SpatialTransformation.variationSlope(z)
      velocity = 0.9 * velocity + unit(slope)
      z = region.projection(of: z + length * unit(velocity))
    }
    return Candidate(best.z)
  }

  private func unit(_ values: Tensor<Float>) -> Tensor<Float> {
    let most = Float(values.normInfinity)
    return most > 0 && most.isFinite ? (1 / most) * values : .zeros(values.shape)
  }

  /// The gradient of the total variation.
  static func variationSlope(_ z: Tensor<Float>) -> Tensor<Float> {
    let (height, width) = (z.shape[1], z.shape[2])
    let size = height * width
    var slope = Tensor<Float>.zeros(z.shape)
    z.withUnsafeScalars { z in
      slope.withUnsafeMutableScalars { slope in
        func join(_ a: Int, _ b: Int) {
          let (down, across) = (z[a] - z[b], z[size + a] - z[size + b])
          let length = (down * down + across * across + 1e-8).squareRoot()
          slope[a] += down / length
          slope[b] -= down / length
          slope[size + a] += across / length
          slope[size + b] -= across / length
        }
        for row in 0..<height {
          for column in 0..<width {
            let place = row * width + column
            if column + 1 < width { join(place, place + 1) }
            if row + 1 < height { join(place, place + width) }
          }
        }
      }
    }
    return slope
  }
}
