import Tensors

/// Whether a change does what undoing a mistake does, rather than help a network that has learnt too little.
///
/// A trained network does poorly under a mistake, and without it knows again what it learnt: it is about as sure as
/// it is right, and tells much of what there is to tell about the labels. A network that has learnt little is
/// helped by much that scales or shifts its input, since that does what further training would; but it stays poor,
/// or far less sure than it is right. At 1,344 moments of 192 short trainings on MNIST (perceptrons, linear,
/// convolutional and normalised networks; inputs in four ranges) some change helped by more than chance 103 times, and
/// never left less than 0.62 of the labels' entropy; 20 published networks of 53 to 99 % leave at most 0.57 and,
/// beyond chance, are 0.74 to 1.17 times as sure as right.
struct Recovery {
  let before: Verdict
  let after: Verdict
  let labels: [Int]
  /// The number of classes that the model tells apart.
  let classCount: Int

  /// Whether what a network was trained for is back.
  ///
  /// - Parameters:
  ///   - scales: Whether the change scales or shifts values, as training would.
  ///   - isPicture: Whether examples are pictures, whose values have customary ranges.
  /// - Returns: Whether the change undoes a mistake.
  func isConvincing(scales: Bool, isPicture: Bool) -> Bool {
    guard scales else { return (isSettled || skill >= 0.85) && oddsRatio >= 2 }
    return isSettled && oddsRatio >= (after.loss <= 0.4 * entropy ? 1.5 : 2.5)
      || isPicture && skill >= 0.85 && oddsRatio >= 4
  }

  /// Whether it knows much of the labels, and is as sure of it as it is right.
  var isSettled: Bool {
    let chance = 1 / Double(classCount)
    return after.loss <= 0.6 * entropy
      && after.confidence - chance >= 0.5 * (after.share - chance)
  }

  /// How much more often it is right after than the commonest label alone would be, relative to always.
  var skill: Double {
    let common = shares.max() ?? 1
    return common >= 1 ? 0 : (after.share - common) / (1 - common)
  }

  /// The odds of being right after, relative to those before.
  var oddsRatio: Double {
    func odds(_ verdict: Verdict) -> Double {
      let right = Double(verdict.correct.count { $0 })
      return (right + 0.5) / (Double(verdict.correct.count) - right + 0.5)
    }
    return odds(after) / odds(before)
  }

  /// What there is to tell about the labels.
  private var entropy: Double { -shares.reduce(0) { $0 + $1 * Double.log($1) } }

  private var shares: [Double] {
    Dictionary(grouping: labels) { $0 }.values.map { Double($0.count) / Double(labels.count) }
  }
}
