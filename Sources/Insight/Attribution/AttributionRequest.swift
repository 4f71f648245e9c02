public import Models
public import Networks
public import Tensors

/// What attributions are asked for: a model, examples, and the class of each whose score is to be explained.
public struct AttributionRequest: Sendable {
  /// The model.
  public let model: any BatchedModel
  /// The network that the model runs, where it is known; its graph is what some methods need.
  public let network: Network?
  /// n x the model's `inputShape`.
  public let inputs: Tensor<Float>
  /// The class of each example.
  public let classes: [Int]
  /// What is explained; `nil` for what each method explains by itself.
  public var score: ClassScore?
  /// The values that an input may have.
  public var bounds: ClosedRange<Float> = 0...1
  /// Determines all chance.
  public var seed: UInt64 = 0
  /// The most rows that are computed at once; results do not depend on it but for rounding.
  public var batch = 32
  /// Told how many examples are done.
  package var progress: @Sendable (Int) -> Void = { _ in }

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - network: The network that it runs, if it is known.
  ///   - inputs: n x the model's `inputShape`, or one example.
  ///   - classes: The class of each example.
  /// - Throws: `AttributionError.classes` if there is not a class for each example, or one is none of the model's.
  public init(
    _ model: any BatchedModel, network: Network?, inputs: Tensor<Float>, classes: [Int]
  ) throws(AttributionError) {
    let size = model.inputShape.count
    guard size > 0, inputs.count % size == 0, inputs.count / size == classes.count else {
      throw .classes(
        "inputs of \(inputs.shape) and \(classes.count) classes; expected n x \(model.inputShape) and n classes"
      )
    }
    let count = max(2, model.outputCount)
    if let wrong = classes.first(where: { !(0..<count ~= $0) }) {
      throw .classes("the class \(wrong) is none of the model's; expected 0 to \(count - 1)")
    }
    self.model = model
    self.network = network
    self.inputs = inputs.reshaped(to: model.inputShape.prepending(classes.count))
    self.classes = classes
    if let network { bounds = network.input.bounds }
  }

  /// The shape of one example.
  var shape: Shape { model.inputShape }

  /// The same about another model of the same form, such as one with other weights.
  func asking(_ network: Network) throws -> AttributionRequest {
    var other = try AttributionRequest(
      network.compiled(), network: network, inputs: inputs, classes: classes)
    (other.score, other.bounds, other.seed, other.batch) = (score, bounds, seed, batch)
    return other
  }

  /// The same about one example alone.
  package func only(_ row: Int) -> AttributionRequest {
    // What was checked for all is right for one.
    guard
      var one = try? AttributionRequest(
        model, network: network, inputs: inputs.row(row), classes: [classes[row]])
    else { preconditionFailure("example \(row) of \(classes.count)") }
    (one.score, one.bounds, one.seed, one.batch) = (score, bounds, seed, batch)
    return one
  }
}
