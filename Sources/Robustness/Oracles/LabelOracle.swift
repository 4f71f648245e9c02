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
  /// For attacks that look for the nearest point: one inside the threat was seen, and that was the question.
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
