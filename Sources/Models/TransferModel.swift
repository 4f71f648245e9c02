public import Tensors

/// A model that is judged by itself and attacked through others: transfer from surrogates.
///
/// Searches see the mean outputs of the surrogates and their gradient (an ensemble in logits; Dong et al., 2018,
/// https://arxiv.org/abs/1710.06081); examples, as they are and changed, are judged by the target. Nothing the search
/// sees ends it early, since a point that fools the surrogates need not fool the target.
public struct TransferModel: BatchedModel {
  /// The model that decides.
  public let target: any BatchedModel
  /// The models that the attack sees, at least one.
  public let surrogates: [any BatchedModel]

  /// Creates a model.
  ///
  /// - Precondition: There are surrogates, of the target's input shape and number of outputs.
  public init(_ target: any BatchedModel, through surrogates: [any BatchedModel]) {
    precondition(
      !surrogates.isEmpty
        && surrogates.allSatisfy {
          $0.inputShape == target.inputShape && $0.outputCount == target.outputCount
        }, "surrogates of another shape")
    self.target = target
    self.surrogates = surrogates
  }

  /// The shape of one example.
  public var inputShape: Shape { target.inputShape }
  /// The number of outputs of one example.
  public var outputCount: Int { target.outputCount }
  /// What the surrogates reveal, but not their graphs; the target reveals nothing but its decision.
  public var knowledge: Knowledge {
    surrogates.reduce(.gradients) { min($0, $1.knowledge) }
  }
  /// Without limit: what the attack sees decides nothing.
  public var uncertainty: Double { .infinity }
  /// The target's.
  public var definition: (any ModelDefinition)? { target.definition }

  /// Computes the surrogates' mean outputs.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    let means = try meanOutputs(rows, count)
    _ = outputs.update(fromContentsOf: means)
  }

  /// Computes the target's outputs.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws { try target.evaluateExactly(rows, count: count, outputs: outputs) }

  /// Computes the surrogates' mean outputs and the gradient of the objective there.
  ///
  /// Of several surrogates each runs forward twice, for the cotangent is known only with all outputs.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    if surrogates.count == 1 {
      return try surrogates[0].differentiate(
        rows, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
    }
    let means = try meanOutputs(rows, count)
    _ = outputs.update(fromContentsOf: means)
    var slopes = [Float](repeating: 0, count: means.count)
    slopes.withUnsafeMutableBufferPointer { cotangents(UnsafeBufferPointer(outputs), $0) }
    var partial = [Float](repeating: 0, count: gradients.count)
    var unused = means
    gradients.update(repeating: 0)
    for surrogate in surrogates {
      try partial.withUnsafeMutableBufferPointer { partial in
        try unused.withUnsafeMutableBufferPointer { unused in
          try surrogate.differentiate(rows, count: count, outputs: unused, gradients: partial) {
            _ = $1.update(fromContentsOf: slopes)
          }
        }
      }
      for index in gradients.indices {
        gradients[index] += partial[index] / Float(surrogates.count)
      }
    }
  }

  private func meanOutputs(_ rows: UnsafeBufferPointer<Float>, _ count: Int) throws -> [Float] {
    var means = [Float](repeating: 0, count: count * outputCount)
    var partial = means
    for surrogate in surrogates {
      try partial.withUnsafeMutableBufferPointer {
        try surrogate.evaluate(rows, count: count, outputs: $0)
      }
      for index in means.indices { means[index] += partial[index] / Float(surrogates.count) }
    }
    return means
  }
}
