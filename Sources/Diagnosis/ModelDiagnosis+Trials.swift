import Engine
import Graphs
import Models
import Networks
import Robustness
import Settings
import Tensors

extension ModelDiagnosis {
  /// Changes of the input that bring back what the network was trained for, one after the other; what is right
  /// then, and how many are at most, whether or not that convinces.
  static func inputs(
    _ subject: DiagnosedModel, _ source: DescriptionSource, _ own: Judgement
  ) throws -> (findings: [Finding], last: Judgement, most: Int) {
    var findings: [Finding] = []
    // What is changed so far: how the input is described, and the data.
    var description = subject.description
    var changes: [InputConversion] = []
    var judgements = [own]
    for _ in 0..<2 {
      let before = judgements[judgements.count - 1]
      guard
        let best = try bestChange(
          subject, InputConversion.all(description, source, largest: subject.largest),
          after: changes,
          before.correct)
      else { break }
      findings.append(
        Finding(
          best.change.kind,
          "\(best.judgement.right) of \(subject.count) examples are classified correctly if \(best.change.name)"
            + (findings.isEmpty ? "" : " as well") + ", and \(before.right) otherwise",
          mend: best.change.mend))
      description = best.change.description
      changes.append(best.change)
      judgements.append(best.judgement)
      guard best.judgement.share < 0.97 else { break }
    }
    func isConvincing(_ first: Int, _ last: Int) -> Bool {
      last < judgements.count
        && Recovery(
          before: judgements[first], after: judgements[last], labels: subject.labels,
          classCount: max(2, subject.model.outputCount)
        ).isConvincing(
          scales: changes[first..<last].contains { $0.scales }, isPicture: subject.isPicture)
    }
    // Two mistakes may only be undone together; a second one beside the first must show by itself.
    let count = isConvincing(0, 1) ? (isConvincing(1, 2) ? 2 : 1) : isConvincing(0, 2) ? 2 : 0
    return (
      Array(findings.prefix(count)), judgements[count], judgements.map(\.right).max() ?? own.right
    )
  }

  /// The change that helps most, if one helps by far more than by chance, and what is right then.
  ///
  /// What takes back something is preferred to what does no better as far as these examples tell. Statistics of several
  /// data sets help alike, so of those that do equally well the first of the list is named, whatever the examples;
  /// otherwise what is right most often, and then what has the least cross-entropy.
  private static func bestChange(
    _ subject: DiagnosedModel, _ all: [InputConversion], after earlier: [InputConversion],
    _ correct: [Bool]
  ) throws -> (change: InputConversion, judgement: Judgement)? {
    let data = { (x: Tensor<Float>) in earlier.reduce(x) { $1.data($0) } }
    let sample = subject.sample
    let step = sample.count == subject.count ? 1 : 4
    let before = stride(from: 0, to: subject.count, by: step).map { correct[$0] }
    var promising: [(change: InputConversion, gain: Int, place: Int)] = []
    for (place, change) in all.enumerated() {
      let comparison = Comparison(before, try sample.judgement(change, data: data).correct)
      if comparison.isPromising {
        let bonus = change.takesBack ? sample.count / 50 + 1 : 0
        promising.append((change, comparison.gained - comparison.lost + bonus, place))
      }
    }
    let order = promising.sorted { ($1.gain, $0.place) < ($0.gain, $1.place) }
    let trials = try order.prefix(8)
      .map {
        (change: $0.change, judgement: try subject.judgement($0.change, data: data), $0.place)
      }
      .filter { Comparison(correct, $0.judgement.correct).isBetter }
      .sorted { $0.2 < $1.2 }
    let leader = trials.min {
      ($1.judgement.right, $0.judgement.loss) < ($0.judgement.right, $1.judgement.loss)
    }
    guard let leader else { return nil }
    let tied = trials.filter { Comparison($0.judgement.correct, leader.judgement.correct).isTie }
    let chosen =
      tied.first { $0.change.takesBack }
      ?? (leader.change.kind == .normalization
        ? tied.first { $0.change.kind == .normalization } : nil) ?? leader
    return (chosen.change, chosen.judgement)
  }

  /// Running statistics that do worse than those of the examples themselves.
  ///
  /// They make up for most other mistakes too, so they must do as well as any change of the input: `least` right.
  static func statistics(
    _ subject: DiagnosedModel, _ network: Network, _ own: Judgement, least: Int
  ) throws -> (finding: Finding, judgement: Judgement)? {
    guard !network.statisticNames.isEmpty, subject.count >= 32,
      let trained = try? network.normalizingBatches()
    else { return nil }
    let model = try CompiledNetwork(trained)
    // Spare rows would count in the batch's statistics.
    model.expect(rows: subject.count)
    let form = DiagnosedModel(
      model: model, description: subject.description, inputs: subject.inputs, labels: subject.labels
    )
    let outputs = try form.outputs(of: subject.inputs, batch: subject.count)
    let judgement = subject.judgement(outputs, subject.labels)
    let recovery = Recovery(
      before: own, after: judgement, labels: subject.labels,
      classCount: max(2, subject.model.outputCount))
    guard Comparison(own.correct, judgement.correct).isBetter, judgement.right >= least,
      recovery.isConvincing(scales: true, isPicture: subject.isPicture)
    else { return nil }
    return (
      Finding(
        .batchNormalization,
        "\(judgement.right) of \(subject.count) examples are classified correctly with batch statistics, and"
          + " \(own.right) with running statistics",
        mend:
          "the running statistics do not belong to the weights or to this input: measure them again, by"
          + " `gibbon convert` with \(Setting.statistics) and the training data"
      ), judgement
    )
  }
}

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
  let before: Judgement
  let after: Judgement
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
    func odds(_ judgement: Judgement) -> Double {
      let right = Double(judgement.correct.count { $0 })
      return (right + 0.5) / (Double(judgement.correct.count) - right + 0.5)
    }
    return odds(after) / odds(before)
  }

  /// What there is to tell about the labels.
  private var entropy: Double { -shares.reduce(0) { $0 + $1 * Double.log($1) } }

  private var shares: [Double] {
    Dictionary(grouping: labels) { $0 }.values.map { Double($0.count) / Double(labels.count) }
  }
}
