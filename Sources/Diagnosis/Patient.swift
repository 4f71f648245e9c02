import Models
import Networks
import Tensors

/// A model and some examples, and what the model says of them in one form or another.
struct Patient {
  let model: any BatchedModel
  /// How the model takes its input.
  let description: InputDescription
  /// Examples one after the other.
  let inputs: Tensor<Float>
  /// As many labels, or none.
  let labels: [Int]
  /// Whether exact algorithms are used, which need no choice to be made first.
  var isExact = false
  /// How the model's outputs are read.
  var reading = Reading.logits

  /// Whether examples are pictures, or rows of as many values as pictures have.
  var isPicture: Bool { description.shape.rank == 3 || description.shape.count >= 784 }

  var count: Int { inputs.shape[0] }

  /// The largest magnitude of the examples' values.
  var largest: Float { inputs.scalars.reduce(0) { max($0, abs($1)) } }

  /// What the model says of the examples as a change has them: which are right, and the mean cross-entropy.
  func verdict(
    _ change: InputChange?, data: (Tensor<Float>) -> Tensor<Float> = { $0 }
  ) throws -> Verdict {
    let changed = change.map { change in
      Pixels.translated(
        change.data(data(inputs)), from: description, to: change.description)
    }
    return verdict(try outputs(of: changed ?? data(inputs)), labels)
  }

  /// What outputs say of labels.
  func verdict(_ outputs: Tensor<Float>, _ labels: [Int]) -> Verdict {
    Verdict(reading.logits(of: outputs), labels)
  }

  /// The outputs of all rows, at most `batch` at once.
  func outputs(of rows: Tensor<Float>, batch: Int = 64) throws -> Tensor<Float> {
    try model.evaluate(rows, batch: batch, isExact: isExact)
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
      model: model, description: description, inputs: .stacking(rows.map { inputs.row($0) }),
      labels: rows.map { labels[$0] }, reading: reading)
  }
}
