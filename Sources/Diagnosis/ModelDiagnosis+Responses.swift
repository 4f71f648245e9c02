import Graphs
import Networks
import Settings
import Tensors

/// What can be told without labels, even from a single example.
extension ModelDiagnosis {
  /// Outputs that are all equal for each example.
  static func equality(_ outputs: Tensor<Float>) -> [Finding] {
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    guard classes > 1, outputs.scalars.allSatisfy(\.isFinite) else { return [] }
    let areEqual = (0..<rows).allSatisfy { row in
      let scores = outputs.row(row).scalars
      let (top, least) = (scores.max() ?? 0, scores.min() ?? 0)
      return top - least <= 1e-6 * max(abs(top), 1e-6)
    }
    guard areEqual else { return [] }
    return [
      Finding(
        .saturated,
        "all outputs are equal for \(rows == 1 ? "the example" : "each of \(rows) examples")",
        mend: "the network answers every input alike: check its weights and the input's range")
    ]
  }

  /// Outputs so far apart that only the largest counts.
  static func distances(_ subject: DiagnosedModel, _ outputs: Tensor<Float>) -> [Finding] {
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    guard classes > 1, outputs.scalars.allSatisfy(\.isFinite) else { return [] }
    let sorted = (0..<rows).map { outputs.row($0).scalars.sorted(by: >) }
    // The least number that single precision holds is exp(-103.3).
    let leads = sorted.map { $0[0] - $0[1] }
    let saturated = leads.count { $0 > 104 }
    guard saturated * 10 >= rows * 9, let least = leads.min() else { return [] }
    return [
      Finding(
        .saturated,
        "the largest output of \(saturated) of \(rows) examples leads by more than 104 (least: \(least)), so all"
          + " other classes have probability 0 in single precision",
        mend:
          "the cross-entropy has no gradient there: attack with \(Setting.objective) margin; and see whether"
          + (subject.description.networkRange == nil
            ? " the values are too large for the network" : " \(Setting.inputRange) is right"))
    ]
  }

  /// Outputs that hardly differ from those of a black picture, but do once values are 255 times as large.
  static func range(
    _ subject: DiagnosedModel, _ source: DescriptionSource, _ outputs: Tensor<Float>
  ) throws -> [Finding] {
    let own = subject.description
    // Tables have no customary range, and what was trained under its description has the right one.
    guard outputs.shape[1] > 1, subject.isPicture, source.training == .unknown else { return [] }
    guard own.networkRange == nil else { return try units(subject, source, outputs) }
    guard
      InputConversion.isDividedTwice(own, subject.largest)
        || !InputConversion.isDim(own, subject.largest)
    else { return [] }
    guard let mend = source.mend(from: own, to: own.with(range: 0...255)) else { return [] }
    let black = Tensor(shape: subject.inputs.shape) { $0.update(repeating: own.lowerBound) }
    let wanted = own.with(range: 0...255)
    let blank = try subject.outputs(of: black)
    let large = try subject.outputs(
      of: Pixels.translated(subject.inputs, from: own, to: wanted))
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    var shares: [Double] = []
    for row in 0..<rows {
      let (seen, reference, other) = (outputs.row(row), blank.row(row), large.row(row))
      let mean = reference.scalars.reduce(0) { $0 + $1 } / Float(classes)
      let spread = reference.map { $0 - mean }.norm2
      let change = (seen - reference).norm2
      guard change < 0.05 * spread, (other - reference).norm2 > 20 * change, change > 0 else {
        return []
      }
      shares.append(change / spread)
    }
    let most = DescriptionSource.text(Float(100 * (shares.max() ?? 0)))
    return [
      Finding(
        .inputRange,
        "the outputs of \(rows == 1 ? "the example" : "all \(rows) examples") differ from those of a black picture by"
          + " at most \(most) % of their spread, and by far more with values multiplied by 255",
        mend: InputConversion.isDividedTwice(own, subject.largest)
          ? InputConversion.dividedTwice(subject.largest) : mend)
    ]
  }

  /// A network that is far surer of itself where values keep their units, which are smaller.
  ///
  /// Smaller values make networks less sure, so this shows that larger ones are not what it was trained on.
  private static func units(
    _ subject: DiagnosedModel, _ source: DescriptionSource, _ outputs: Tensor<Float>
  ) throws -> [Finding] {
    let own = subject.description
    let wanted = own.with(range: .some(nil))
    let bounds = own.lowerBound...own.upperBound
    guard let range = own.networkRange, range.contains(10 * bounds.upperBound),
      let mend = source.mend(from: own, to: wanted)
    else { return [] }
    let plain = try subject.outputs(
      of: Pixels.translated(subject.inputs, from: own, to: wanted))
    let (before, after) = (confidence(outputs), confidence(plain))
    guard before <= 0.6, after >= 0.85 else { return [] }
    func percent(_ share: Double) -> String { DescriptionSource.text(Float(Int(100 * share))) }
    return [
      Finding(
        .inputRange,
        "the network's mean confidence is \(percent(after)) % with values in their own units, and \(percent(before))"
          + " % otherwise",
        mend: mend)
    ]
  }

  /// The mean probability of the likeliest class.
  private static func confidence(_ outputs: Tensor<Float>) -> Double {
    let rows = outputs.shape[0]
    return (0..<rows).reduce(0) { sum, row in
      let scores = outputs.row(row).scalars
      let top = scores.max() ?? 0
      return sum + 1 / scores.reduce(0) { $0 + Double.exp(Double($1 - top)) }
    } / Double(max(1, rows))
  }

  /// Labels that were made by counting the names of classes, of which the network knows others.
  static func numbering(
    _ names: [String], outputCount: Int, right: Int, of count: Int
  ) -> [Finding] {
    guard !names.isEmpty, names.count < outputCount, 2 * right < count else { return [] }
    let some = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    let numbers = names.count == 1 ? "0" : "0 to \(names.count - 1)"
    return [
      Finding(
        .labels,
        "the data have \(names.count) \(names.count == 1 ? "class" : "classes") (\(some)), numbered \(numbers) by"
          + " name, but the network has \(outputCount) outputs; \(right) of \(count) examples are classified correctly",
        mend:
          "give the network's class names in the order of its outputs, one on each line, by \(Setting.labels) FILE,"
          + " or name each folder by its output's number, from 0"
      )
    ]
  }
}

extension ModelDiagnosis {
  /// Outputs that are probabilities, by what the graph ends in or else by their values; and how to read them.
  ///
  /// Values alone say little: cosines lie in 0...1 too. So where the graph ends in something affine they are scores.
  static func probabilities(
    _ outputs: Tensor<Float>, _ network: Network?
  ) -> (findings: [Finding], reading: Reading) {
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    let ending = network.map { Ending($0.graph) } ?? .unknown
    guard rows > 0, ending != .plain, outputs.scalars.allSatisfy({ 0...1 ~= $0 }) else {
      return ([], .logits)
    }
    let areSums = (0..<rows).allSatisfy { row in
      abs(outputs.row(row).scalars.reduce(0) { $0 + Double($1) } - 1) < 1e-3
    }
    if classes > 1, ending == .softmax || ending == .unknown && areSums {
      return (
        [
          Finding(
            .probabilities,
            "the outputs of all \(rows) examples lie in 0...1 and sum to 1: probabilities, not logits",
            mend: "gradients of attacks vanish through a softmax: take the network before it")
        ], .softmax
      )
    }
    guard ending == .sigmoid || ending == .unknown && spread(outputs) else {
      return ([], .logits)
    }
    return ([sigmoids(outputs)], .sigmoids)
  }

  /// Whether there are enough values for their range to be no accident: of several outputs some on both sides of a
  /// half, or some at its very end, where cosines never are.
  private static func spread(_ outputs: Tensor<Float>) -> Bool {
    let values = outputs.scalars
    guard outputs.shape[0] >= 20 else { return false }
    return outputs.shape[1] == 1 || values.contains { $0 > 0.5 } && values.contains { $0 < 0.5 }
      || values.count { $0 == 1 } * 20 >= values.count
  }

  /// What is wrong with the outputs of sigmoids where classes are wanted.
  static func sigmoids(_ outputs: Tensor<Float>) -> Finding {
    let rows = outputs.shape[0]
    guard outputs.shape[1] > 1 else {
      return Finding(
        .probabilities,
        "the single output of all \(rows) examples lies in 0...1, as a probability would",
        mend: "a single output is judged by its sign: take the network before its sigmoid")
    }
    let tied = Int((Reading.tiedShare(outputs) * Double(rows)).rounded())
    return Finding(
      .probabilities,
      "the outputs of all \(rows) examples lie in 0...1 but do not sum to 1, like sigmoid outputs"
        + (tied == 0
          ? "" : "; the largest of \(tied) examples are equal, since single precision ends near 1"),
      mend: "gradients of attacks vanish through sigmoids: take the network before its sigmoids")
  }

  /// A single output in 0...1 that tells the classes apart at a half, but not at zero.
  static func half(_ subject: DiagnosedModel, _ outputs: Tensor<Float>) -> [Finding] {
    guard outputs.shape[1] == 1, outputs.scalars.allSatisfy({ 0...1 ~= $0 }) else { return [] }
    let (own, other) = (
      Judgement(outputs, subject.labels), Judgement(outputs.map { $0 - 0.5 }, subject.labels)
    )
    return Comparison(own.correct, other.correct).isBetter ? [sigmoids(outputs)] : []
  }
}
