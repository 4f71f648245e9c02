import Robustness
import Tensors

/// A model and some labelled examples, and what the model says of them in one form or another.
struct Patient {
  let model: any BatchedModel
  /// Examples one after the other.
  let inputs: Tensor<Float>
  let labels: [Int]

  var count: Int { labels.count }
  var shape: [Int] { Array(inputs.shape.extents.dropFirst()) }

  /// The outputs of all rows, at most `batch` at once.
  func outputs(of rows: Tensor<Float>, batch: Int = 64) throws -> Tensor<Float> {
    let size = model.inputShape.count
    let total = rows.count / size
    var outputs = [Float](repeating: 0, count: total * model.outputCount)
    try rows.withUnsafeScalars { rows in
      try outputs.withUnsafeMutableBufferPointer { outputs in
        for start in stride(from: 0, to: total, by: batch) {
          let count = min(batch, total - start)
          try model.evaluate(
            UnsafeBufferPointer(rebasing: rows[start * size..<(start + count) * size]),
            count: count,
            outputs: UnsafeMutableBufferPointer(
              rebasing: outputs[
                start * model.outputCount..<(start + count) * model.outputCount]))
        }
      }
    }
    return Tensor(outputs, shape: [total, model.outputCount])
  }

  /// The class that each row of outputs stands for; `nil` where one is NaN.
  static func predictions(_ outputs: Tensor<Float>) -> [Int?] {
    (0..<outputs.shape[0]).map { row in
      let scores = outputs.row(row)
      if scores.count == 1 { return scores[0].isNaN ? nil : scores[0] > 0 ? 1 : 0 }
      return scores.indexOfMaximum
    }
  }

  /// Every fourth example, on which a question can be asked cheaply first.
  var sample: Patient {
    let rows = Array(stride(from: 0, to: count, by: count >= 64 ? 4 : 1))
    return Patient(
      model: model, inputs: .stacking(rows.map { inputs.row($0) }), labels: rows.map { labels[$0] })
  }
}

/// Two ways to judge the same examples, compared example by example (McNemar 1947).
struct Comparison {
  /// Right by the second way only.
  let gained: Int
  /// Right by the first way only.
  let lost: Int
  /// Right by the second way.
  let right: Int
  let count: Int

  init(_ first: [Bool], _ second: [Bool]) {
    gained = zip(first, second).count { !$0 && $1 }
    lost = zip(first, second).count { $0 && !$1 }
    right = second.count { $0 }
    count = second.count
  }

  /// Whether the second way is better by far more than chance could be: four standard deviations.
  var isBetter: Bool {
    let gain = Double(gained - lost)
    return gain >= 4 * Double(gained + lost).squareRoot() && gain >= 0.03 * Double(count)
      && gained - lost >= 4
  }

  /// Whether it may well be better.
  var isPromising: Bool { gained - lost >= 2 && Double(gained - lost) >= 0.03 * Double(count) }
}
