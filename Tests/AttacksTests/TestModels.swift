import Models
import Robustness
import Synchronization
import Tensors

/// A model that counts the examples and calls that pass through it.
final class Counting: BatchedModel {
  let base: any BatchedModel
  private let passes = Mutex(Passes.zero)

  init(_ base: any BatchedModel) { self.base = base }

  var inputShape: Shape { base.inputShape }
  var outputCount: Int { base.outputCount }
  var knowledge: Knowledge { base.knowledge }
  var spent: Passes { passes.withLock { $0 } }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    passes.withLock { $0 += Passes(forward: count) }
    try base.evaluate(rows, count: count, outputs: outputs)
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    passes.withLock { $0 += .gradients(count) }
    try base.differentiate(
      rows, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
  }
}

/// A network V relu(W x + b) with its gradient written by hand.
struct TwoLayers: BatchedModel {
  let inputShape: Shape
  let outputCount: Int
  let knowledge = Knowledge.gradients
  let hidden: Int
  let first: [Float]
  let bias: [Float]
  let second: [Float]

  init(inputShape: Shape, hidden: Int, outputCount: Int, key: UInt64) {
    var randomness = Philox(key: key)
    self.inputShape = inputShape
    self.outputCount = outputCount
    self.hidden = hidden
    first = randomness.normals([hidden * inputShape.count]).scalars
    bias = randomness.normals([hidden]).scalars
    second = randomness.normals([outputCount * hidden]).scalars
  }

  private func layer(_ x: UnsafeBufferPointer<Float>.SubSequence) -> [Float] {
    (0..<hidden).map { unit in
      var sum = bias[unit]
      for (index, value) in x.enumerated() { sum += first[unit * inputShape.count + index] * value }
      return max(sum, 0)
    }
  }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = inputShape.count
    for row in 0..<count {
      let units = layer(rows[row * size..<(row + 1) * size])
      for output in 0..<outputCount {
        var sum: Float = 0
        for unit in 0..<hidden { sum += second[output * hidden + unit] * units[unit] }
        outputs[row * outputCount + output] = sum
      }
    }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try evaluate(rows, count: count, outputs: outputs)
    var slopes = [Float](repeating: 0, count: count * outputCount)
    slopes.withUnsafeMutableBufferPointer { cotangents(UnsafeBufferPointer(outputs), $0) }
    let size = inputShape.count
    for row in 0..<count {
      let units = layer(rows[row * size..<(row + 1) * size])
      gradients[row * size..<(row + 1) * size].update(repeating: 0)
      for unit in 0..<hidden where units[unit] > 0 {
        var slope: Float = 0
        for output in 0..<outputCount {
          slope += slopes[row * outputCount + output] * second[output * hidden + unit]
        }
        for index in 0..<size {
          gradients[row * size + index] += slope * first[unit * size + index]
        }
      }
    }
  }

  /// The label the network gives a point.
  func label(of x: Tensor<Float>) throws -> Int {
    var outputs = [Float](repeating: 0, count: outputCount)
    try x.scalars.withUnsafeBufferPointer { x in
      try outputs.withUnsafeMutableBufferPointer { try evaluate(x, count: 1, outputs: $0) }
    }
    return Tensor(outputs, shape: [outputCount]).indexOfMaximum ?? 0
  }
}
