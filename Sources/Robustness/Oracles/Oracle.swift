import Models
public import Tensors

/// All that one attempt on one example may ask of the model.
///
/// It counts the passes and ends with the attempt: kept for longer, it only throws.
public struct Oracle: DifferentiableModel {
  let access: ModelAccess
  let attempt: Attempt

  /// The number of outputs of the model.
  public var outputCount: Int { access.settings.outputCount }

  /// Whether all that was asked about the example is answered; see `LabelOracle`.
  public var isSolved: Bool { access.isSolved }

  /// How many more forward passes the attempt may ask for.
  public var left: Int { access.ledger.left(attempt) }

  /// The labels at some points; one forward pass each.
  public func labels(at points: [Tensor<Float>]) async throws -> [Decision] {
    let replies = try await access.ask(all: points, of: nil, needing: .labels, attempt)
    var decisions: [Decision] = []
    for (point, reply) in zip(points, replies) {
      let judgement = try await access.judge(point, reply, attempt)
      decisions.append(
        Decision(
          label: access.problem.goal.prediction(of: access.outputs(of: reply)),
          reachesGoal: judgement.reachesGoal))
    }
    return decisions
  }

  /// The outputs at a point; one forward pass.
  public func scores(at point: Tensor<Float>) async throws -> Scores {
    try await scores(point, access.ask(point, of: nil, needing: .scores, attempt))
  }

  /// The outputs at some points, evaluated together; one forward pass each.
  public func scores(at points: [Tensor<Float>]) async throws -> [Scores] {
    let replies = try await access.ask(all: points, of: nil, needing: .scores, attempt)
    var all: [Scores] = []
    for (point, reply) in zip(points, replies) { all.append(try await scores(point, reply)) }
    return all
  }

  /// The outputs at a point and the gradient of an objective there; one forward and one backward
  /// pass.
  public func gradient(
    at point: Tensor<Float>, of objective: any Objective
  ) async throws -> Answer {
    try await answer(point, access.ask(point, of: objective, needing: .gradients, attempt))
  }

  /// The same at some points, evaluated together; one forward and one backward pass each.
  public func gradients(
    at points: [Tensor<Float>], of objective: any Objective
  ) async throws -> [Answer] {
    let replies = try await access.ask(all: points, of: objective, needing: .gradients, attempt)
    var all: [Answer] = []
    for (point, reply) in zip(points, replies) { all.append(try await answer(point, reply)) }
    return all
  }

  /// The outputs where the input of a point is transformed, and the gradient of an objective there with respect to
  /// the point itself; one forward and one backward pass.
  ///
  /// - Returns: The answer, which never reaches the goal: it is not about the point.
  public func gradient(
    at point: Tensor<Float>, of objective: any Objective,
    through transformation: any InputTransformation
  ) async throws -> Answer {
    try await access.ask(point, of: objective, through: transformation, attempt)
  }

  /// A generator of random numbers for one purpose; see `LabelOracle`.
  public func randomness(_ purpose: String) -> Philox {
    access.settings.key.child(access.problem.index).child(
      access.settings.stages[attempt.stage].name
    )
    .child(attempt.restart).child(purpose).generator
  }

  private func scores(_ point: Tensor<Float>, _ reply: Reply) async throws -> Scores {
    let judgement = try await access.judge(point, reply, attempt)
    return Scores(
      outputs: access.outputs(of: reply), margin: judgement.margin,
      reachesGoal: judgement.reachesGoal)
  }

  private func answer(_ point: Tensor<Float>, _ reply: Reply) async throws -> Answer {
    let judgement = try await access.judge(point, reply, attempt)
    return access.answer(
      point, reply, margin: judgement.margin, reachesGoal: judgement.reachesGoal,
      gradient: access.gradient(of: reply))
  }
}

/// A differentiable change of the input between the threat and the model, which attacks put there to find gradients
/// that hold for more than one input.
public protocol InputTransformation: Sendable {
  /// The input that the model sees, of the same shape.
  func apply(_ input: Tensor<Float>) -> Tensor<Float>

  /// The gradient with respect to `input`, from the gradient with respect to `apply(input)`.
  func pullback(_ gradient: Tensor<Float>, at input: Tensor<Float>) -> Tensor<Float>
}
