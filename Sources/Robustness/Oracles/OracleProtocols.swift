public import Tensors

/// A model that answers with labels, at points near one example.
///
/// Each call suspends the attack until the point has been through the engine in a batch with those
/// of other examples. Calls throw `Failure` when the attack oversteps what it declares: its budget
/// or its knowledge, or points of a wrong shape; and they throw when the run ends early.
public protocol LabelOracle: Sendable {
  /// The number of outputs of the model.
  var outputCount: Int { get }

  /// Whether all that was asked about the example is answered, so that the attempt may end.
  ///
  /// For minimum-norm attacks that may stop early: a point inside the threat was seen.
  var isSolved: Bool { get }

  /// How many more forward passes the attempt may ask for.
  var left: Int { get }

  /// The labels at some points; one forward pass each.
  func labels(at points: [Tensor<Float>]) async throws -> [Decision]

  /// A generator of random numbers for one purpose, the same whenever and wherever the example is
  /// attacked.
  ///
  /// It is keyed by the seed, the index in the data set, the attack, the restart and the purpose.
  func randomness(_ purpose: String) -> Philox
}

extension LabelOracle {
  /// The label at a point; one forward pass.
  public func label(at point: Tensor<Float>) async throws -> Decision {
    try await labels(at: [point])[0]
  }
}

/// A model that answers with its outputs.
public protocol ScoreOracle: LabelOracle {
  /// The outputs at a point; one forward pass.
  func scores(at point: Tensor<Float>) async throws -> Scores

  /// The outputs at some points, evaluated together; one forward pass each.
  func scores(at points: [Tensor<Float>]) async throws -> [Scores]
}

/// A model that answers with gradients.
public protocol DifferentiableModel: ScoreOracle {
  /// The outputs at a point and the gradient of an objective there; one forward and one backward
  /// pass.
  func gradient(at point: Tensor<Float>, of objective: any Objective) async throws -> Answer

  /// The same at some points, evaluated together; one forward and one backward pass each.
  func gradients(
    at points: [Tensor<Float>], of objective: any Objective
  ) async throws -> [Answer]
}

/// What a model that reveals labels only says about a point.
public struct Decision: Sendable, Hashable {
  /// The label; `nil` where there are no classes, or a NaN.
  public let label: Int?

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}

/// What a model that reveals its outputs says about a point.
public struct Scores: Sendable, Hashable {
  /// The outputs.
  public let outputs: Tensor<Float>

  /// The margin of the goal: positive where it is reached.
  public let margin: Double

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}

/// What a differentiable model says about a point.
public struct Answer: Sendable, Hashable {
  /// The outputs.
  public let outputs: Tensor<Float>

  /// The value of the objective.
  public let loss: Double

  /// The margin of the goal: positive where it is reached.
  public let margin: Double

  /// The gradient of the objective with respect to the parameters z, of their shape; exact up to a
  /// positive factor, see `Objective`.
  public let gradient: Tensor<Float>

  /// Whether the goal is reached; always false in training, which has no early exit.
  public let reachesGoal: Bool
}
