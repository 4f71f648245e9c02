public import Tensors

/// A model that evaluates a batch of rows at once: the boundary between the shell and an engine.
///
/// The shell calls it from one thread only, `EngineThread.shared`. The value of a row must depend
/// on neither its neighbours nor the size of the batch.
public protocol BatchedModel: Sendable {
  /// The shape of one example.
  var inputShape: Shape { get }

  /// The number of outputs (logits) of one example.
  var outputCount: Int { get }

  /// The most that this model reveals.
  var knowledge: Knowledge { get }

  /// Computes the outputs of a batch.
  ///
  /// - Parameters:
  ///   - rows: `count` x `inputShape.count` values, contiguous.
  ///   - count: The number of examples, at least 1.
  ///   - outputs: Room for `count` x `outputCount` values.
  /// - Throws: Whatever keeps the model from answering; it ends the whole run.
  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws

  /// A place to remember a search that asks about one input after the other, so that small changes cost less than a
  /// pass; `nil` if the model has no use for it.
  func makeMemory() -> (any SearchMemory)?

  /// Computes the outputs of a batch, where it may from what changed since the inputs before.
  ///
  /// - Parameters:
  ///   - rows: `count` x `inputShape.count` values, contiguous.
  ///   - count: The number of examples, at least 1.
  ///   - memories: What `makeMemory` gave to each row's search; no two are the same.
  ///   - outputs: Room for `count` x `outputCount` values.
  /// - Throws: Whatever keeps the model from answering; it ends the whole run.
  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, memories: [(any SearchMemory)?],
    outputs: UnsafeMutableBufferPointer<Float>
  ) throws

  /// How far the outputs of `evaluate` and `differentiate` may be from those of `evaluateExactly`, relative to
  /// the largest output of the row. An attack stops at a success only if this cannot undo it.
  var uncertainty: Double { get }

  /// Computes the outputs of a batch by which the shell judges; as `evaluate` unless a model has a faster way
  /// for attacks.
  func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws

  /// The model in double precision and in other orders of summation, which decide near the boundary; `nil` where it
  /// cannot be computed in another way.
  var definition: (any ModelDefinition)? { get }

  /// What computed the outputs so far, for records; `nil` where that is not known, as of a model elsewhere.
  ///
  /// Not to be asked for on the engine thread.
  var computation: Computation? { get }

  /// Computes the outputs of a batch, then the gradient of an objective with respect to its rows.
  ///
  /// - Parameters:
  ///   - rows: `count` x `inputShape.count` values, contiguous.
  ///   - count: The number of examples, at least 1.
  ///   - outputs: Room for `count` x `outputCount` values.
  ///   - gradients: Room for `count` x `inputShape.count` values.
  ///   - cotangents: Called between the two passes, with the outputs; it writes the derivative of the
  ///     objective with respect to each of them, `count` x `outputCount` values. A model that averages over
  ///     several passes may call it for each; the loss of its last call is the one that counts.
  /// - Throws: Whatever keeps the model from answering; it ends the whole run.
  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws
}

extension BatchedModel {
  /// None.
  public func makeMemory() -> (any SearchMemory)? { nil }

  /// Computes the outputs of a batch as `evaluate` does.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, memories: [(any SearchMemory)?],
    outputs: UnsafeMutableBufferPointer<Float>
  ) throws { try evaluate(rows, count: count, outputs: outputs) }

  /// Nothing: there is one way to compute outputs.
  public var uncertainty: Double { 0 }

  /// None.
  public var definition: (any ModelDefinition)? { nil }

  /// Not known.
  public var computation: Computation? { nil }

  /// Computes the outputs of a batch as `evaluate` does.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws { try evaluate(rows, count: count, outputs: outputs) }
}

/// What a model reveals, and what an attack needs: each level includes those before it.
public enum Knowledge: Int, Comparable, Sendable, CaseIterable {
  /// The decision alone.
  case labels
  /// The outputs.
  case scores
  /// The gradient of a function of the outputs with respect to the input.
  case gradients
  /// The network itself, operator by operator.
  case graph

  /// Whether the left side reveals less than the right side.
  public static func < (left: Knowledge, right: Knowledge) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What a model remembers of one search; what it is, the model alone knows.
public protocol SearchMemory: AnyObject, Sendable {}
