public import Models
import Robustness
public import Tensors

/// A way to say how much each value of an input speaks for a class.
///
/// What finds cues asks for maps by this alone, so that any attribution can take its place.
public struct RelevanceSource: Sendable {
  /// What it is called.
  public let name: String
  /// Gives the maps.
  private let compute:
    @Sendable (any BatchedModel, Tensor<Float>, [Int], Tensor<Float>, Int) async throws ->
      Tensor<Float>

  /// A way with a name.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - compute: Given a model, n x its input's shape, n labels, an input that says nothing, and the most examples in
  ///     one call of the model: the relevance of each value, in the shape of the inputs.
  public init(
    _ name: String,
    _ compute:
      @escaping @Sendable (any BatchedModel, Tensor<Float>, [Int], Tensor<Float>, Int) async throws
      -> Tensor<Float>
  ) {
    self.name = name
    self.compute = compute
  }

  /// The relevance of each value for the label.
  ///
  /// - Parameters:
  ///   - inputs: n x the model's input shape.
  ///   - labels: A label for each.
  ///   - baseline: An input that says nothing, such as the mean of the data.
  ///   - model: The model.
  ///   - batch: The most examples in one call of the model.
  /// - Returns: The maps, in the shape of the inputs.
  /// - Throws: What the model throws.
  public func maps(
    of inputs: Tensor<Float>, for labels: [Int], against baseline: Tensor<Float>,
    by model: any BatchedModel, batch: Int = 128
  ) async throws -> Tensor<Float> {
    try await compute(model, inputs, labels, baseline, batch)
  }

  /// The gradient of the label's lead over the next class, times how far each value is from the baseline.
  ///
  /// R_i = (x_i - b_i) d(z_y - max over k != y of z_k) / dx_i, a pass forward and one back for each example. Shrikumar,
  /// Greenside, Shcherbina and Kundaje, 2016, https://arxiv.org/abs/1605.01713.
  public static let gradientTimesInput = RelevanceSource("gradient x input") {
    model, inputs, labels, baseline, batch in
    let objectives = try labels.map {
      try Loss.margin.objective(for: .avoid($0), outputCount: model.outputCount)
    }
    let gradients = try await model.gradients(at: inputs, of: objectives, batch: batch).gradients
    let (slopes, values, blank) = (gradients.scalars, inputs.scalars, baseline.scalars)
    return Tensor(
      values.indices.map { -slopes[$0] * (values[$0] - blank[$0 % blank.count]) },
      shape: inputs.shape)
  }
}
