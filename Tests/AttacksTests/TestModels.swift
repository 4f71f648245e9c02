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
///
/// It allocates nothing and sums units side by side: tests of all attacks ask it tens of millions of times.
struct TwoLayers: BatchedModel {
  let inputShape: Shape
  let outputCount: Int
  let knowledge = Knowledge.gradients
  private let size: Int
  private let hidden: Int
  private let first: [Float]
  /// The first layer's weights of one input after the other, each with those of all units.
  private let columns: [Float]
  private let bias: [Float]
  private let second: [Float]

  init(inputShape: Shape, hidden: Int, outputCount: Int, key: UInt64) {
    var randomness = Philox(key: key)
    let size = inputShape.count
    let first = randomness.normals([hidden * size]).scalars
    self.inputShape = inputShape
    self.outputCount = outputCount
    self.size = size
    self.hidden = hidden
    self.first = first
    columns = (0..<size * hidden).map { first[$0 % hidden * size + $0 / hidden] }
    bias = randomness.normals([hidden]).scalars
    second = randomness.normals([outputCount * hidden]).scalars
  }

  /// Computes the hidden units of all rows and the outputs; every sum in the order of its terms.
  private func forward(
    _ rows: UnsafeBufferPointer<Float>, _ count: Int, units: UnsafeMutableBufferPointer<Float>,
    outputs: UnsafeMutableBufferPointer<Float>
  ) {
    columns.withUnsafeBufferPointer { columns in
      for row in 0..<count {
        let units = UnsafeMutableBufferPointer(rebasing: units[row * hidden..<(row + 1) * hidden])
        for unit in 0..<hidden { units[unit] = bias[unit] }
        for index in 0..<size {
          let value = rows[row * size + index]
          for unit in 0..<hidden { units[unit] += columns[index * hidden + unit] * value }
        }
        for unit in 0..<hidden { units[unit] = max(units[unit], 0) }
      }
    }
    second.withUnsafeBufferPointer { second in
      for row in 0..<count {
        for output in 0..<outputCount {
          var sum: Float = 0
          for unit in 0..<hidden {
            sum += second[output * hidden + unit] * units[row * hidden + unit]
          }
          outputs[row * outputCount + output] = sum
        }
      }
    }
  }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * hidden) {
      forward(rows, count, units: $0, outputs: outputs)
    }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (hidden + outputCount)) {
      room in
      let units = UnsafeMutableBufferPointer(rebasing: room[..<(count * hidden)])
      let slopes = UnsafeMutableBufferPointer(rebasing: room[(count * hidden)...])
      slopes.update(repeating: 0)
      forward(rows, count, units: units, outputs: outputs)
      cotangents(UnsafeBufferPointer(outputs), slopes)
      first.withUnsafeBufferPointer { first in
        for row in 0..<count {
          gradients[row * size..<(row + 1) * size].update(repeating: 0)
          for unit in 0..<hidden where units[row * hidden + unit] > 0 {
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
