/// Minimises the mean cross-entropy of the examples as they are.
public struct PlainTraining: TrainingMethod {
  /// Creates the method.
  public init() {}

  /// The method's name.
  public var description: String { "plain" }

  /// Changes nothing.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] { [:] }
}
