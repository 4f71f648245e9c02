public import Models
public import Robustness
import Tensors

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
public struct DIFGSM: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "di-fgsm"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

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
    let objective = problem.objective(preferring: loss, outputCount: oracle.outputCount)
    let region = try problem.region
    let stepSize = stepSize ?? region.radius / Double(max(steps, 1))
    var randomness = oracle.randomness("diversity")
    var velocity = Velocity(decay: decay)
    var z = region.center
    for _ in 0..<steps {
      let answer: Answer
      if Double(randomness.uniform()) < probability {
        let diversity = InputDiversity(of: shape, rate: rate, using: &randomness)
        answer = try await oracle.gradient(at: z, of: objective, through: diversity)
      } else {
        answer = try await oracle.gradient(at: z, of: objective)
      }
      if answer.reachesGoal { break }
      z = region.step(from: z, along: velocity.add(smoothing(answer.gradient)), length: stepSize)
    }
    return Candidate(z)
  }
}
