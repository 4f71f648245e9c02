import Models
import Robustness
import Tensors

/// A model that takes its first classes for others: each output is that of the classes which are told as it.
struct RelabelledModel: BatchedModel {
  let model: any BatchedModel
  /// The output of each of the first classes.
  let outputs: [Int]

  var inputShape: Shape { model.inputShape }
  var outputCount: Int { model.outputCount }
  var knowledge: Knowledge { .scores }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int,
    outputs scores: UnsafeMutableBufferPointer<Float>
  ) throws {
    try model.evaluate(rows, count: count, outputs: scores)
    for row in 0..<count {
      let own = scores[row * outputCount..<(row + 1) * outputCount].map { $0 }
      let least = (own.min() ?? 0) - 1
      for output in 0..<outputCount {
        let sources = own.indices.filter { ($0 < outputs.count ? outputs[$0] : $0) == output }
        scores[row * outputCount + output] = sources.map { own[$0] }.max() ?? least
      }
    }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws { throw Failure() }

  struct Failure: Error {}
}
