import Models
import Networks
import Tensors

/// A model and some examples, and what the model says of them in one form or another.
struct DiagnosedModel {
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
  func judgement(
    _ change: InputConversion?, data: (Tensor<Float>) -> Tensor<Float> = { $0 }
  ) throws -> Judgement {
    let changed = change.map { change in
      Pixels.translated(
        change.data(data(inputs)), from: description, to: change.description)
    }
    return judgement(try outputs(of: changed ?? data(inputs)), labels)
  }

  /// What outputs say of labels.
  func judgement(_ outputs: Tensor<Float>, _ labels: [Int]) -> Judgement {
    Judgement(reading.logits(of: outputs), labels)
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
  var sample: DiagnosedModel {
    let rows = Array(stride(from: 0, to: count, by: count >= 64 ? 4 : 1))
    return DiagnosedModel(
      model: model, description: description, inputs: .stacking(rows.map { inputs.row($0) }),
      labels: rows.map { labels[$0] }, reading: reading)
  }
}

/// What a model says of labelled examples.
struct Judgement {
  let correct: [Bool]
  /// The mean cross-entropy, by which ways that do equally well are told apart; infinite where it is no number.
  let loss: Double
  /// The mean probability of the likeliest class.
  let confidence: Double

  /// How many are right.
  var right: Int { correct.count { $0 } }
  /// The share that is right.
  var share: Double { Double(right) / Double(max(1, correct.count)) }

  init(_ outputs: Tensor<Float>, _ labels: [Int]) {
    correct = zip(DiagnosedModel.predictions(outputs), labels).map { $0 == $1 }
    var (sum, sure) = (0.0, 0.0)
    for (row, label) in labels.enumerated() {
      let scores = outputs.row(row).scalars.map(Double.init)
      let logits = scores.count == 1 ? [0, scores[0]] : scores
      let softmax = LogSumExp(logits)
      // Of a label without an output nothing is known.
      sum +=
        logits.indices.contains(label)
        ? softmax.value - logits[label] : Double.log(Double(logits.count))
      sure += 1 / softmax.sum
    }
    loss = sum.isFinite ? sum / Double(max(1, labels.count)) : .infinity
    confidence = sure.isFinite ? sure / Double(max(1, labels.count)) : 0
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

  /// Whether the two ways may well be equally good: within two standard deviations.
  var isTie: Bool {
    abs(Double(gained - lost)) <= 2 * Double(gained + lost).squareRoot()
  }

  /// Whether it may well be better.
  var isPromising: Bool { gained - lost >= 2 && Double(gained - lost) >= 0.03 * Double(count) }
}
