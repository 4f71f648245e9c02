public import Tensors

/// A model that evaluates a batch of rows at once: the boundary between the runner and an engine.
///
/// The runner calls it from one thread only, `EngineThread.shared`. The value of a row must depend
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

  /// Computes the outputs of a batch by which the runner judges; as `evaluate` unless a model has a faster way
  /// for attacks.
  func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws

  /// The model in double precision and in other orders of summation, which decide near the boundary; `nil` where it
  /// cannot be computed in another way.
  var definition: (any ModelDefinition)? { get }

  /// What computed the outputs so far, for records; `nil` where that is not known, as of a remote model.
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

extension Knowledge: Codable {
  /// Reads the name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let own = Knowledge.allCases.first(where: { "\($0)" == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "there is no knowledge '\(name)'")
    }
    self = own
  }

  /// Writes the name, since numbers would change with the order of the cases.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode("\(self)")
  }
}

/// What a model remembers of one search; what it is, the model alone knows.
public protocol SearchMemory: AnyObject, Sendable {}

// Safe calls on tensors, beside the calls on memory that a model implements.

extension BatchedModel {
  /// The outputs of some examples, batch by batch on the engine thread.
  ///
  ///     let logits = try await model.outputs(of: .stacking(pictures))
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  /// - Returns: n x `outputCount`.
  /// - Throws: What the model throws, at the first batch that fails; `CancellationError` between batches.
  public func outputs(
    of inputs: Tensor<Float>, batch: Int = 128, isExact: Bool = false
  ) async throws -> Tensor<Float> {
    let inputs = examples(in: inputs)
    return try await outputs(count: inputs.shape[0], batch: batch, isExact: isExact) {
      inputs.rows($0)
    }
  }

  /// The outputs of examples that are read batch by batch, so that only one batch of them is held in memory.
  ///
  /// - Parameters:
  ///   - count: The number of examples, n.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  ///   - inputs: The examples at some of the positions 0..<n, one per row.
  /// - Returns: n x `outputCount`.
  /// - Throws: What `inputs` and the model throw, at the first batch that fails; `CancellationError` between batches.
  public func outputs(
    count: Int, batch: Int = 128, isExact: Bool = false,
    inputs: (Range<Int>) throws -> Tensor<Float>
  ) async throws -> Tensor<Float> {
    var outputs: [Float] = []
    outputs.reserveCapacity(count * outputCount)
    for part in (0..<count).batches(of: batch) {
      try Task.checkCancellation()
      let rows = try inputs(part)
      outputs += try await EngineThread.shared.run {
        try self.evaluate(rows, batch: part.count, isExact: isExact)
      }.scalars
    }
    return Tensor(outputs, shape: [count, outputCount])
  }

  /// The outputs of some examples, and the gradients of a function of them, batch by batch on the engine thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - cotangents: Given positions of examples and their outputs, a row for each, the derivative of the function of
  ///     each example's outputs with respect to these, in the same shape. Called on the engine thread; see
  ///     `differentiate(_:count:outputs:gradients:cotangents:)`.
  /// - Returns: n x `outputCount`, and a gradient for each example in the shape of `inputs`.
  /// - Throws: What the model throws, at the first batch that fails; `CancellationError` between batches.
  public func gradients(
    at inputs: Tensor<Float>, batch: Int = 128,
    cotangents: @escaping @Sendable (_ rows: Range<Int>, _ outputs: Tensor<Float>) -> Tensor<Float>
  ) async throws -> (outputs: Tensor<Float>, gradients: Tensor<Float>) {
    let examples = examples(in: inputs)
    let count = examples.shape[0]
    var (outputs, gradients): ([Float], [Float]) = ([], [])
    for part in (0..<count).batches(of: batch) {
      try Task.checkCancellation()
      let rows = examples.rows(part)
      let answer = try await EngineThread.shared.run {
        try self.differentiate(rows) { cotangents(part, $0) }
      }
      outputs += answer.outputs.scalars
      gradients += answer.gradients.scalars
    }
    return (
      Tensor(outputs, shape: [count, outputCount]), Tensor(gradients, shape: inputs.shape)
    )
  }

  // MARK: On the engine thread

  /// The outputs of some examples; to be called on the engine thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - batch: The most examples in one call of the model, at least 1.
  ///   - isExact: Whether to use the pass by which attacks are judged (`evaluateExactly`).
  /// - Returns: n x `outputCount`.
  /// - Throws: What the model throws, at the first batch that fails.
  public func evaluate(
    _ inputs: Tensor<Float>, batch: Int = .max, isExact: Bool = false
  ) throws -> Tensor<Float> {
    let (count, size, width) = (examples(in: inputs).shape[0], inputShape.count, outputCount)
    var outputs = Tensor<Float>.zeros([count, width])
    try inputs.withUnsafeScalars { inputs in
      try outputs.withUnsafeMutableScalars { outputs in
        for part in (0..<count).batches(of: batch) {
          let rows = UnsafeBufferPointer(
            rebasing: inputs[part.lowerBound * size..<part.upperBound * size])
          let room = UnsafeMutableBufferPointer(
            rebasing: outputs[part.lowerBound * width..<part.upperBound * width])
          if isExact {
            try evaluateExactly(rows, count: part.count, outputs: room)
          } else {
            try evaluate(rows, count: part.count, outputs: room)
          }
        }
      }
    }
    return outputs
  }

  /// The outputs of some examples in one batch, and the gradients of a function of them; to be called on the engine
  /// thread.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`, or one example.
  ///   - cotangents: Given the outputs, a row for each example, the derivative of the function of each example's
  ///     outputs with respect to these, in the same shape.
  /// - Returns: n x `outputCount`, and a gradient for each example in the shape of `inputs`.
  /// - Throws: What the model throws.
  public func differentiate(
    _ inputs: Tensor<Float>, cotangents: (_ outputs: Tensor<Float>) -> Tensor<Float>
  ) throws -> (outputs: Tensor<Float>, gradients: Tensor<Float>) {
    let count = examples(in: inputs).shape[0]
    let shape: Shape = [count, outputCount]
    var (outputs, gradients) = (Tensor<Float>.zeros(shape), Tensor<Float>.zeros(inputs.shape))
    try inputs.withUnsafeScalars { inputs in
      try outputs.withUnsafeMutableScalars { outputs in
        try gradients.withUnsafeMutableScalars { gradients in
          try differentiate(inputs, count: count, outputs: outputs, gradients: gradients) {
            let slopes = cotangents(Tensor(Array($0), shape: shape))
            precondition(slopes.shape == shape, "cotangents of shape \(slopes.shape)")
            _ = $1.update(fromContentsOf: slopes.scalars)
          }
        }
      }
    }
    return (outputs, gradients)
  }

  /// The same values as n x `inputShape`.
  private func examples(in inputs: Tensor<Float>) -> Tensor<Float> {
    let size = inputShape.count
    precondition(
      inputs.count % size == 0, "\(inputs.shape) are no examples of shape \(inputShape)")
    return inputs.reshaped(to: inputShape.prepending(inputs.count / size))
  }
}

extension Range<Int> {
  /// The range in parts of `size`, the last one perhaps smaller.
  package func batches(of size: Int) -> [Range<Int>] {
    precondition(size > 0, "a batch holds at least one example")
    return stride(from: lowerBound, to: upperBound, by: Swift.min(size, Swift.max(count, 1))).map {
      $0..<Swift.min($0 + size, upperBound)
    }
  }
}

/// A second way to compute a model's outputs, beside the one that runs: in double precision, and in single precision
/// in other orders of summation.
///
/// The runner asks it about changes near the boundary alone, from several threads at once.
public protocol ModelDefinition: Sendable {
  /// The outputs at an input.
  func outputs(of example: Tensor<Float>) throws -> DefinedOutputs

  /// How far outputs in single precision may be from exact ones, relative to the largest, with room to spare; the same
  /// whenever it is asked for.
  func rounding() throws -> Double
}

/// The outputs of a model at one input, computed by its definition in more than one way.
public struct DefinedOutputs: Sendable, Hashable {
  /// In double precision.
  public let precise: [Double]
  /// In single precision, with long sums added in other orders than the engine's.
  public let reordered: [[Float]]

  /// Creates outputs.
  public init(precise: [Double], reordered: [[Float]]) {
    self.precise = precise
    self.reordered = reordered
  }
}
