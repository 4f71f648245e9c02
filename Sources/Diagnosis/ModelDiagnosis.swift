public import Models
public import Networks
import Robustness
public import Tensors

/// A quick examination of a model on some examples for the mistakes that make numbers wrong without an error.
///
///     let positions = ModelDiagnosis.positions(among: data.count, size: data.exampleShape.count)
///     let report = try await ModelDiagnosis.perform(
///       on: model, network: network, inputs: data.inputs(at: positions), labels: data.labels(at: positions))
///     for finding in report.findings { print(finding) }
///
/// Cost: about three forward passes of all the examples, and up to fourteen more where not nearly all are classified
/// rightly.
public struct ModelDiagnosis: Sendable {
  /// The number of examples that were looked at.
  public let count: Int

  /// The number that were classified correctly; `nil` if there are no labels, or they are no classes of the model's.
  public let right: Int?

  /// What seems to be wrong, the surest first.
  public let findings: [Finding]

  /// How many examples of a size are worth looking at: a few hundred, fewer of large ones.
  public static func exampleCount(ofSize size: Int) -> Int { size <= 4096 ? 256 : 64 }

  /// Examines a model.
  ///
  /// - Parameters:
  ///   - model: The model, as it is attacked.
  ///   - network: The network behind it, if there is one; its parameters and graph are looked at too.
  ///   - source: Where the network's description comes from, for what is advised.
  ///   - inputs: Examples, as the model takes them, the batch outermost; at least one.
  ///   - labels: As many labels, or `nil` to learn what can be told without; exact algorithms are used then.
  ///   - numberedClasses: The names of the data's classes, if labels were made by counting them.
  /// - Returns: What was found.
  /// - Throws: What the model throws.
  public static func perform(
    on model: any BatchedModel, network: Network? = nil, source: DescriptionSource = .init(),
    inputs: Tensor<Float>, labels: [Int]?, numberedClasses: [String] = []
  ) async throws -> ModelDiagnosis {
    precondition(
      inputs.shape.droppingFirst == model.inputShape
        && labels?.count ?? inputs.shape[0] == inputs.shape[0],
      "\(inputs.shape) are not \(labels?.count ?? 1) examples of \(model.inputShape)")
    let description = network?.input ?? InputDescription(shape: model.inputShape)
    return try await EngineThread.shared.run {
      try ModelDiagnosis(
        DiagnosedModel(
          model: model, description: description, inputs: inputs, labels: labels ?? [],
          isExact: labels == nil),
        network, source, numberedClasses)
    }
  }

  private init(
    _ subject: DiagnosedModel, _ network: Network?, _ source: DescriptionSource,
    _ numbered: [String]
  ) throws {
    count = subject.count
    let outputs = try subject.outputs(of: subject.inputs)
    let isFinite = outputs.scalars.allSatisfy(\.isFinite)
    let classes = max(2, subject.model.outputCount)
    let areClasses =
      !subject.labels.isEmpty
      && (classes > 2 || subject.model.outputCount == 2
        || subject.labels.allSatisfy { 0...1 ~= $0 })
    // As the shell will judge, whatever the outputs are.
    let right = areClasses ? Judgement(outputs, subject.labels).right : nil
    self.right = right
    var findings =
      network.map {
        ModelDiagnosis.parameters(of: $0, isAccurate: 10 * (right ?? 0) >= 9 * subject.count)
      } ?? []
    findings += ModelDiagnosis.values(outputs)
    let probable = ModelDiagnosis.probabilities(outputs, network)
    findings += probable.findings
    var subject = subject
    subject.reading = probable.reading
    findings += try ModelDiagnosis.steadiness(subject, outputs)
    let equality = ModelDiagnosis.equality(outputs)
    guard let right else {
      if subject.labels.isEmpty {
        if findings.isEmpty { findings += equality }
        if findings.isEmpty { findings += ModelDiagnosis.distances(subject, outputs) }
        if isFinite, findings.isEmpty {
          findings += try ModelDiagnosis.range(subject, source, outputs)
        }
      }
      self.findings = findings
      return
    }
    if isFinite {
      let names = ModelDiagnosis.numbering(
        numbered, outputCount: classes, right: right, of: subject.count)
      findings += names + equality
      // Labels or outputs that mean nothing make everything else look wrong.
      if subject.count >= 20, names.isEmpty, equality.isEmpty {
        let half = findings.isEmpty ? ModelDiagnosis.half(subject, outputs) : []
        findings += half
        if !half.isEmpty { subject.reading = .sigmoids }
        findings += try ModelDiagnosis.accuracy(subject, network, source, outputs)
      }
    }
    // Where more is known, that is why.
    if findings.isEmpty { findings += ModelDiagnosis.distances(subject, outputs) }
    self.findings = findings
  }

  /// What the share of right answers says, and whether it could be far larger.
  private static func accuracy(
    _ subject: DiagnosedModel, _ network: Network?, _ source: DescriptionSource,
    _ outputs: Tensor<Float>
  ) throws -> [Finding] {
    let own = subject.judgement(outputs, subject.labels)
    guard own.share < 0.97 else { return [] }
    // Of equal probabilities nobody knows which was larger, and of other equal outputs neither.
    let isTied = Reading.tiedShare(outputs) > 0.03
    if isTied, subject.reading != .logits { return [] }
    var findings: [Finding] = []
    // Whatever makes the network say one thing alone would seem to help where one class is all there is.
    if !isTied, Set(subject.labels).count > 1,
      !source.isAsTrained(right: own.right, of: subject.count)
    {
      findings = try causes(subject, network, source, own, outputs)
    }
    return findings
      + nearChance(subject, source, own, outputs, isExplained: !findings.isEmpty)
  }

  /// What would bring the right answers back.
  private static func causes(
    _ subject: DiagnosedModel, _ network: Network?, _ source: DescriptionSource, _ own: Judgement,
    _ outputs: Tensor<Float>
  ) throws -> [Finding] {
    let order = labels(subject, own, outputs)
    if let order, Double(order.correct.count { $0 }) >= 0.97 * Double(subject.count) {
      return [order.finding]
    }
    let trials = try inputs(subject, source, own)
    // Exchanged channels may make one class look like another; what explains more is likelier.
    if let order,
      trials.findings.isEmpty || !Comparison(order.correct, trials.last.correct).isBetter
    {
      return [order.finding]
    }
    guard let network,
      let measured = try statistics(
        subject, network, own, least: trials.most - subject.count / 50)
    else { return trials.findings }
    // They make up for most mistakes of the input; but what only scales leaves a network far too sure of its errors.
    if measured.judgement.loss < 0.5 * trials.last.loss { return [measured.finding] }
    return trials.findings + (measured.judgement.right < trials.most ? [] : [measured.finding])
  }

  /// Predictions hardly better than guesses.
  private static func nearChance(
    _ subject: DiagnosedModel, _ source: DescriptionSource, _ own: Judgement,
    _ outputs: Tensor<Float>,
    isExplained: Bool
  ) -> [Finding] {
    let chance = 1 / Double(max(2, subject.model.outputCount))
    let deviation = (chance * (1 - chance) / Double(subject.count)).squareRoot()
    // A sound network may do poorly on a class; that it never says it is another matter.
    let isSingle = Set(subject.labels).count == 1
    guard subject.count >= 30, isSingle ? own.right == 0 : own.share < chance + 3 * deviation
    else { return [] }
    let predictions = DiagnosedModel.predictions(subject.reading.logits(of: outputs))
    let common = Dictionary(grouping: predictions.compactMap { $0 }) { $0 }
      .max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    let favourite =
      common.map { ", and \($0.value.count) are taken for class \($0.key)" } ?? ""
    let question =
      source.training == .onExamples
      ? "the network has hardly learnt anything yet: train it for longer, or at another rate"
      : "are these the data, the labels and the input description that the network was trained with?"
    return [
      Finding(
        .nearChance,
        (isSingle
          ? "all \(subject.count) examples are of one class, and none is classified correctly"
          : "\(own.right) of \(subject.count) examples are classified correctly, hardly more than by chance")
          + favourite,
        mend: isExplained ? "see the other warnings" : question)
    ]
  }

  /// Which examples of a data set are looked at: one from each of as many equal parts, drawn once and for all.
  ///
  /// They are drawn rather than taken at equal distances, since data often repeat their classes in turn.
  ///
  /// - Parameters:
  ///   - total: The number of examples that there are.
  ///   - size: The number of values of each.
  /// - Returns: Positions in ascending order, all of them if there are few; the same for the same numbers.
  public static func positions(among total: Int, size: Int) -> [Int] {
    let count = exampleCount(ofSize: size)
    guard total > count else { return Array(0..<max(0, total)) }
    var random = Philox(key: 0)
    return (0..<count).map { part in
      let start = part * total / count
      return start + Int(random.next() % UInt64((part + 1) * total / count - start))
    }
  }
}
