public import Tensors

/// Replays each batch, and lets the one gradient of a step move both the parameters and the perturbation.
///
/// The perturbation of a batch's rows goes on from that of the batch before, as in the authors' code; each step adds
/// eps times the sign of the gradient and goes back to the ball and to the values that inputs may have.
///
/// Shafahi et al., "Adversarial training for free!", 2019, https://arxiv.org/abs/1904.12843.
public struct FreeTraining: TrainingMethod {
  /// The radius eps in L-infinity, and the length of a step.
  public var radius: Double
  /// How often each batch is trained on in succession, m.
  public var replays: Int

  /// Creates the method.
  ///
  /// - Precondition: `replays` is at least 1.
  public init(radius: Double, replays: Int = 8) {
    precondition(replays >= 1, "a batch is trained on at least once")
    (self.radius, self.replays) = (radius, replays)
  }

  /// It remembers one perturbation for each row of the largest batch, from the first step on.
  public func flaw(in memory: MethodMemory, atStep step: Int, exampleShape: Shape) -> String? {
    guard memory.tensors.count == (step > 0 ? 1 : 0) else {
      return "expected one tensor of the method after step \(step), found \(memory.tensors.count)"
    }
    guard step > 0 else { return nil }
    guard let tensor = memory.tensors[FreeTraining.memoryName],
      Shape(Array(tensor.shape.extents.dropFirst())) == exampleShape
    else { return "the method's perturbation does not have the examples' shape" }
    return nil
  }

  private static let memoryName = "perturbation"

  /// The method and its constants.
  public var description: String { "free, \(replays) replays, linf:\(radius)" }

  /// The perturbed examples.
  public var differentiatedInput: String? { LossBuilder.inputName }

  /// Adds the perturbation.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    [LossBuilder.inputName: perturbed(batch, session.memory, within: session.bounds)]
  }

  private func perturbed(
    _ batch: TrainingBatch, _ memory: MethodMemory, within bounds: ClosedRange<Float>
  ) -> [Float] {
    guard let perturbation = memory.tensors[FreeTraining.memoryName] else { return batch.values }
    return zip(batch.values, perturbation.scalars).map {
      min(max($0 + $1, bounds.lowerBound), bounds.upperBound)
    }
  }

  /// Moves the perturbation.
  public func learn(
    _ gradient: Tensor<Float>, of batch: TrainingBatch, within bounds: ClosedRange<Float>,
    remembering memory: inout MethodMemory
  ) {
    let name = FreeTraining.memoryName
    let width = Float(radius)
    var perturbation = memory.tensors[name] ?? .zeros(gradient.shape)
    if perturbation.count < gradient.count {
      let more = [Float](repeating: 0, count: gradient.count - perturbation.count)
      perturbation = Tensor(perturbation.scalars + more, shape: gradient.shape)
    }
    for index in 0..<gradient.count {
      let slope = gradient[index]
      let moved = perturbation[index] + (slope > 0 ? width : slope < 0 ? -width : 0)
      let value = batch.values[index]
      perturbation[index] = min(
        max(min(max(moved, -width), width), bounds.lowerBound - value), bounds.upperBound - value)
    }
    memory.tensors[name] = perturbation
  }
}
