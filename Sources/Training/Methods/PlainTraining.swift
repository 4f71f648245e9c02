public import Graphs

/// Minimises the mean cross-entropy of the examples as they are.
public struct PlainTraining: TrainingMethod {
  /// Creates the method.
  public init() {}

  /// The method's name.
  public var description: String { "plain" }

  /// The cross-entropy of the examples.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let scores = try builder.scores(of: builder.input)
    return try builder.crossEntropy(scores)
  }

  /// Changes nothing.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] { [:] }
}
