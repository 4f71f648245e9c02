import Datasets
import Models
import Networks
import Robustness
import Tensors

/// Models and data that are sound, to plant mistakes in.
enum Planted {
  /// A network that reads nearly all digits.
  static func digits(
    _ change: (Tensor<Float>) -> Tensor<Float> = { $0 }, labels: (Int) -> Int = { $0 }
  ) throws -> (network: Network, inputs: Tensor<Float>, labels: [Int]) {
    let data = try MNIST.load(.test)
    let positions = Array(0..<200)
    return (
      try BuiltInNetwork.mnistStandard.load().network, change(try data.inputs(at: positions)),
      data.labels(at: positions).map(labels)
    )
  }

  /// An affine model of colour pictures that knows its ten classes by their templates, with examples.
  static func colours() -> (model: AffineModel, inputs: Tensor<Float>, labels: [Int]) {
    var random = Philox(key: 7)
    // Green, which no exchange of red and blue moves, says least.
    let templates = Tensor(
      random.uniforms([10, 192]).scalars.enumerated().map { index, value in
        64..<128 ~= index % 192 ? 0.5 + 0.6 * (value - 0.5) : value
      }, shape: [10, 192])
    let labels = (0..<200).map { $0 % 10 }
    let rows = labels.map { label in
      let noise = random.normals([192])
      return templates.row(label).zip(noise) { min(max($0 + 0.1 * $1, 0), 1) }
    }
    let biases = (0..<10).map { label in
      -Float(templates.row(label).norm2 * templates.row(label).norm2 / 2)
    }
    return (
      AffineModel(
        inputShape: [3, 8, 8], weights: templates, biases: Tensor(biases, shape: [10])),
      Tensor.stacking(rows).reshaped(to: [200, 3, 8, 8]), labels
    )
  }

  /// The values at other places.
  static func moved(_ x: Tensor<Float>, to shape: Shape, _ place: ([Int]) -> [Int]) -> Tensor<Float>
  {
    let (own, strides) = (shape.strides, x.shape.strides)
    return Tensor(shape: shape) { target in
      for index in 0..<target.count {
        let position = own.indices.map { index / own[$0] % shape[$0] }
        target[index] = x[zip(place(position), strides).reduce(0) { $0 + $1.0 * $1.1 }]
      }
    }
  }
}

/// A model whose outputs another function changes.
struct Altered: BatchedModel {
  let base: any BatchedModel
  /// Changes `count` rows of outputs.
  let change: @Sendable (UnsafeMutableBufferPointer<Float>, _ count: Int) -> Void

  var inputShape: Shape { base.inputShape }
  var outputCount: Int { base.outputCount }
  var knowledge: Knowledge { .scores }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try base.evaluate(rows, count: count, outputs: outputs)
    change(outputs, count)
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws { try evaluate(rows, count: count, outputs: outputs) }
}

/// A model whose inputs are multiplied by a factor.
struct Scaled: BatchedModel {
  let base: any BatchedModel
  let factor: Float

  var inputShape: Shape { base.inputShape }
  var outputCount: Int { base.outputCount }
  var knowledge: Knowledge { .scores }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try rows.map { $0 * factor }.withUnsafeBufferPointer {
      try base.evaluate($0, count: count, outputs: outputs)
    }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws { try evaluate(rows, count: count, outputs: outputs) }
}
