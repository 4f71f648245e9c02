import Tensors

/// What a model says of labelled examples.
struct Verdict {
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
    correct = zip(Patient.predictions(outputs), labels).map { $0 == $1 }
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
