import Engine
public import Networks
public import Robustness
public import Tensors

/// A quick examination of a model on some examples for the mistakes that make numbers wrong without an error.
///
///     let positions = Examination.positions(among: data.count, size: data.exampleShape.count)
///     let report = try await Examination.perform(
///       on: model, network: network, inputs: data.inputs(at: positions), labels: data.labels(at: positions))
///     for finding in report.findings { print(finding) }
///
/// Cost: about three forward passes of all the examples, and up to fourteen more where not nearly all are classified
/// rightly.
public struct Examination: Sendable {
  /// The number of examples that were looked at.
  public let count: Int

  /// The number that were classified rightly; `nil` if there are no labels, or they are no classes of the model's.
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
  ) async throws -> Examination {
    precondition(
      inputs.shape.droppingFirst == model.inputShape
        && labels?.count ?? inputs.shape[0] == inputs.shape[0],
      "\(inputs.shape) are not \(labels?.count ?? 1) examples of \(model.inputShape)")
    let description = network?.input ?? InputDescription(shape: model.inputShape)
    return try await EngineThread.shared.run {
      try Examination(
        Patient(
          model: model, description: description, inputs: inputs, labels: labels ?? [],
          isExact: labels == nil),
        network, source, numberedClasses)
    }
  }

  private init(
    _ patient: Patient, _ network: Network?, _ source: DescriptionSource, _ numbered: [String]
  ) throws {
    count = patient.count
    var findings = network.map { Examination.parameters(of: $0) } ?? []
    let outputs = try patient.outputs(of: patient.inputs)
    let isFinite = outputs.scalars.allSatisfy(\.isFinite)
    findings += Examination.values(outputs)
    findings += try Examination.steadiness(patient, outputs)
    let classes = max(2, patient.model.outputCount)
    guard !patient.labels.isEmpty else {
      if findings.isEmpty { findings += Examination.responses(patient, outputs) }
      if isFinite, findings.isEmpty {
        findings += try Examination.range(patient, source, outputs)
      }
      right = nil
      self.findings = findings
      return
    }
    let predictions = Patient.predictions(outputs)
    let correct = zip(predictions, patient.labels).map { $0 == $1 }
    let areClasses =
      classes > 2 || patient.model.outputCount == 2 || patient.labels.allSatisfy { 0...1 ~= $0 }
    let right = areClasses ? correct.count { $0 } : nil
    self.right = right
    if let right, isFinite {
      let names = Examination.numbering(
        numbered, outputCount: classes, right: right, of: patient.count)
      findings += names
      // Labels that mean nothing make everything else look wrong.
      if patient.count >= 20, names.isEmpty {
        findings += try Examination.accuracy(
          patient, network, source, predictions, correct, classes: classes)
      }
    }
    // Where more is known, that is why.
    if findings.isEmpty { findings += Examination.responses(patient, outputs) }
    self.findings = findings
  }

  /// What the share of right answers says, and whether it could be far larger.
  private static func accuracy(
    _ patient: Patient, _ network: Network?, _ source: DescriptionSource, _ predictions: [Int?],
    _ correct: [Bool], classes: Int
  ) throws -> [Finding] {
    let right = correct.count { $0 }
    guard Double(right) < 0.97 * Double(patient.count) else { return [] }
    var findings = labels(patient, predictions, correct)
    if findings.isEmpty {
      let trials = try inputs(patient, source, correct)
      findings = trials.findings
      if let network {
        findings += try statistics(patient, network, correct, least: trials.right)
      }
    }
    let chance = 1 / Double(classes)
    let deviation = (chance * (1 - chance) / Double(patient.count)).squareRoot()
    if Double(right) / Double(patient.count) < chance + 3 * deviation, patient.count >= 30,
      Set(patient.labels).count > 1
    {
      let common = Dictionary(grouping: predictions.compactMap { $0 }) { $0 }
        .max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
      let favourite =
        common.map { ", and \($0.value.count) are taken for class \($0.key)" } ?? ""
      findings.append(
        Finding(
          .nearChance,
          "\(right) of \(patient.count) examples are classified rightly, hardly more than by chance"
            + favourite,
          mend: findings.isEmpty
            ? "are these the data, the labels and the input description that the network was trained with?"
            : "see the other warnings"))
    }
    return findings
  }
}
