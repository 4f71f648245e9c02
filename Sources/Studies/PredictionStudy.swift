package import Datasets
import Diagnosis
import Engine
import Files
import JSON
import Models
import Networks
import Robustness
import Settings
public import Tensors

/// All that is asked of a model's outputs for examples.
public struct PredictionSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// Whether the gradient of the cross-entropy with respect to the examples is wanted, too.
  public var gradient = false
  /// How many examples the network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// The outputs for the whole test set of MNIST, unless something else is said.
  public init(model: String) { self.model = model }
}

extension PredictionSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, data, gradient, batch, engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model))
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.gradient, into: &gradient)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}

/// A model's outputs for examples, ready to be computed.
public final class PredictionStudy: Sendable {
  /// What was asked for.
  public let specification: PredictionSpecification
  /// The model.
  package let subject: Subject
  /// The examples.
  package let data: Dataset
  /// Where the answers of a remote model are kept.
  package let answers: KeptAnswers
  private let model: any BatchedModel

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - result: A file beside which the answers of a remote model are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: PredictionSpecification, keepingAnswersBeside result: String? = nil,
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    let asked = specification
    try asked.checkSettings(mostRows: 4096)
    let source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    if asked.gradient, source.isRemote {
      throw StudyError(
        "\(Setting.gradient): \(asked.model) reveals no gradients; expected a network that runs here"
      )
    }
    try asked.remote.check(for: [source])
    try asked.engine.check(isUsed: !source.isRemote, by: asked.model)
    data = try asked.data.load(
      for: try source.form(asked.modelSettings), needsLabels: asked.gradient, telling: observer)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    subject = try source.subject(
      for: data, asked.modelSettings, answers.settings[0], batch: asked.batch, telling: observer)
    try data.check(fits: subject)
    if let warning = data.labelWarning(for: subject) { observer.warn(warning) }
    model = try subject.model(try asked.engine.apply())
  }

  /// Computes the outputs.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The outputs.
  /// - Throws: What the model throws; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> Prediction {
    observer.keep { [answers] in answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { observer.keep(nil) }
    let (subject, data, model) = (subject, data, model)
    let request = Prediction.Request(
      data: data, batch: specification.batch, includesGradient: specification.gradient)
    return try await answers.during {
      try await subject.attended {
        let report = try await DiagnosisStep.perform(subject, model, on: data, isAttacked: false)
        DiagnosisStep.warn(report, telling: observer)
        var prediction = try await Prediction.perform(request, on: model, telling: observer)
        prediction.findings = report?.findings
        return prediction
      }
    }
  }

  /// The record of a prediction.
  ///
  /// - Parameters:
  ///   - prediction: What came of the study.
  ///   - path: The file of the outputs.
  ///   - command: The words of the command that asked for it; empty if none did.
  /// - Returns: The record.
  package func record(
    of prediction: Prediction, writtenTo path: String, command: [String]
  ) -> StudyRecord {
    StudyRecord(
      "predict", specification,
      [
        "model": JSONValue(subject.name), "command": ShellWords.json(command),
        "model_digest": JSONValue(subject.fileDigest),
        "data": JSONValue(data.name), "count": JSONValue(data.count),
        "clean_accuracy": JSONValue(prediction.accuracy),
        "output": JSONValue(path), "seconds": JSONValue(prediction.seconds),
        "warnings": DiagnosisStep.json(prediction.findings),
        "engine": EngineRecord.json(prediction.computation),
      ])
  }
}

/// The outputs of a model for all examples of a data set.
public struct Prediction: Sendable, Hashable {
  /// N x outputs.
  public let logits: Tensor<Float>
  /// The gradient of the cross-entropy with respect to each example, if it was asked for.
  public let gradient: Tensor<Float>?
  /// The examples.
  let inputs: Tensor<Float>
  /// What the examples are known to be, if anything is.
  let targets: Targets?
  /// Duration of the work, without start-up.
  package let seconds: Double
  /// Which algorithms computed the network, if it runs here.
  let computation: Computation?
  /// What the diagnosis before found; `nil` if there was none.
  var findings: [Finding]?

  /// What to do.
  package struct Request: Sendable {
    var data: Dataset
    var batch: Int
    var includesGradient: Bool
  }

  /// Share of examples whose largest output, or whose single output's sign, is that of the label, or all of
  /// whose labels are told rightly; `nil` for a regression or without labels.
  public var accuracy: Double? {
    guard let targets else { return nil }
    let right: Int
    switch targets {
    case .numbers: return nil
    case .multiLabel:
      right = (0..<targets.count).count { row in
        .labels(logits.row(row).scalars.map { $0 > 0 }) == targets[row]
      }
    case .classes(let labels):
      if logits.shape[1] == 1, !labels.allSatisfy({ 0...1 ~= $0 }) { return nil }
      right = (0..<labels.count).count { row in
        let scores = logits.row(row)
        let prediction = scores.count == 1 ? (scores[0] > 0 ? 1 : 0) : scores.indexOfMaximum
        return prediction == labels[row]
      }
    }
    return Double(right) / Double(max(targets.count, 1))
  }

  /// Runs the model on all examples.
  static func perform(
    _ request: Request, on model: any BatchedModel, telling observer: Observer = .none
  ) async throws -> Prediction {
    let (data, batch) = (request.data, request.batch)
    let outputs = model.outputCount
    let line = observer.begin("predict", of: data.count, "examples")
    defer { line.finish() }
    var logits: [Float] = []
    var gradient: [Float] = []
    var inputs: [Float] = []
    logits.reserveCapacity(data.count * outputs)
    var seconds = 0.0
    for start in stride(from: 0, to: data.count, by: batch) {
      try Task.checkCancellation()
      let positions = Array(start..<min(start + batch, data.count))
      let rows = try data.inputs(at: positions)
      let objectives = try request.includesGradient ? objectives(data, positions, outputs) : nil
      let clock = ContinuousClock.now
      if let objectives {
        let answer = try await model.gradients(at: rows, of: objectives, batch: batch)
        logits += answer.outputs.scalars
        gradient += answer.gradients.scalars
      } else {
        // Exact algorithms where there is no gradient.
        logits += try await model.outputs(of: rows, batch: batch, isExact: true).scalars
      }
      seconds += (ContinuousClock.now - clock).seconds
      inputs += rows.scalars
      line.show(positions.count + start)
    }
    let shape = data.exampleShape.prepending(data.count)
    return Prediction(
      logits: Tensor(logits, shape: [data.count, outputs]),
      gradient: request.includesGradient ? Tensor(gradient, shape: shape) : nil,
      inputs: Tensor(inputs, shape: shape), targets: data.isLabelled ? data.targets : nil,
      seconds: seconds, computation: model.computation)
  }

  /// The cross-entropies of some examples' labels.
  private static func objectives(
    _ data: Dataset, _ positions: [Int], _ outputs: Int
  ) throws -> [any Objective] {
    guard data.targetKind == .classes else {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words), so there is no cross-entropy; leave out"
          + " \(Setting.gradient)"
          + data.targetsRemedy("classes are \(Setting.targets) classes"))
    }
    return try data.labels(at: positions).map { label in
      guard label < max(2, outputs) else {
        throw StudyError(
          "\(data.name): the label \(label) is not one of the \(max(2, outputs)) classes, so there is no"
            + " cross-entropy; leave out \(Setting.gradient)")
      }
      return try Loss.crossEntropy.objective(
        for: outputs == 1 ? .avoid(singleLogit: label) : .avoid(label), outputCount: outputs)
    }
  }

  /// Writes the arrays, in the form that the name's ending says.
  package func write(to path: String) throws {
    if path.hasSuffix(".npz") {
      let (x, outputs) = (NPYContents(inputs), NPYContents(logits))
      let bytes =
        switch (gradient.map { NPYContents($0) }, targets.map { NPYContents($0) }) {
        case (let gradient?, let y?):
          try NPYContents.npz(["logits": outputs, "gradient": gradient, "x": x, "y": y])
        case (let gradient?, nil):
          try NPYContents.npz(["logits": outputs, "gradient": gradient, "x": x])
        case (nil, let y?): try NPYContents.npz(["logits": outputs, "x": x, "y": y])
        case (nil, nil): try NPYContents.npz(["logits": outputs, "x": x])
        }
      try AtomicFile.write(bytes, to: path)
      return
    }
    var file = SafeTensorsFile(name: path)
    file.tensors = ["logits": logits, "x": inputs]
    file.tensors["gradient"] = gradient
    switch targets {
    case nil: break
    case .classes(let labels):
      file.integers["y"] = SafeTensorsIntegers(labels.map { Int64($0) }, shape: [labels.count])
    case .multiLabel(let flags, let width):
      file.integers["y"] = SafeTensorsIntegers(
        flags.map { $0 ? 1 : 0 }, shape: [flags.count / width, width])
    case .numbers(let numbers, let width):
      file.tensors["y"] = Tensor(numbers, shape: [numbers.count / width, width])
    }
    try AtomicFile.write(file.encoded(), to: path)
  }
}

extension Prediction: Codable {
  private enum CodingKeys: String, CodingKey {
    case logits, gradient
    case inputs = "x"
    case targets = "y"
    case seconds
    case computation = "engine"
    case findings = "warnings"
  }

  /// Reads a prediction.
  ///
  /// - Throws: What the decoder throws; `DecodingError` where the arrays are not about the same examples.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    logits = try container.decode(Tensor<Float>.self, forKey: .logits)
    gradient = try container.decodeIfPresent(Tensor<Float>.self, forKey: .gradient)
    inputs = try container.decode(Tensor<Float>.self, forKey: .inputs)
    targets = try container.decodeIfPresent(Targets.self, forKey: .targets)
    seconds = try container.decode(Double.self, forKey: .seconds)
    computation = try container.decodeIfPresent(Computation.self, forKey: .computation)
    findings = try container.decodeIfPresent([Finding].self, forKey: .findings)
    let count = logits.shape.extents.first
    guard logits.shape.rank == 2, logits.shape[1] > 0, inputs.shape.extents.first == count,
      gradient.map({ $0.shape == inputs.shape }) ?? true,
      targets.map({ $0.count == count }) ?? true,
      targets.map({ $0.kind == .classes || $0.width == logits.shape[1] }) ?? true
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .logits, in: container,
        debugDescription: "expected a row of outputs for each example, and targets that go with it")
    }
  }
}

extension NPYContents {
  /// Classes, or as many columns as examples have labels or numbers.
  fileprivate init(_ targets: Targets) {
    switch targets {
    case .classes(let labels): self.init(labels)
    case .multiLabel(let flags, let width):
      self.init(integers: flags.map { $0 ? 1 : 0 }, shape: [flags.count / width, width])
    case .numbers(let numbers, let width):
      self.init(Tensor(numbers, shape: [numbers.count / width, width]))
    }
  }
}
