import Datasets
import Engine
import Insight
import Models
import Networks
import Optimizers
import Settings
import Tensors
import Training

/// The linear explanation of adversarial examples, measured on linear models and networks of growing inputs.
public final class LinearStudy: Sendable {
  /// What was asked for.
  public let specification: LinearSpecification
  private let checked: LinearSpecification.Checked
  private let subject: Subject
  private let data: Dataset
  private let validation: Dataset
  private let classes: [Int]
  private let algorithms: Algorithms.Policy
  private let command: [String]

  /// How many test examples networks and linear models are measured on, and how many random signs at each.
  private static let (measured, signs) = (100, 10)
  /// How many weights are drawn for each number of dimensions.
  private static let gaussians = 16
  /// How many examples the logits are followed at.
  private static let followed = 200

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: LinearSpecification, command: [String] = [],
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    let checked = try asked.check()
    self.checked = checked
    let source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    guard !source.isRemote else {
      throw StudyError("\(asked.model) is a remote model; expected a network that runs here")
    }
    try asked.engine.check(isUsed: true, by: asked.model)
    let form = try source.form(asked.modelSettings)
    data = try asked.data.load(for: form, telling: observer)
    var other = DataSettings(asked.validation)
    other.form = asked.data.form
    validation = try Setting.validation.reading(asked.validation) {
      try other.load(for: form, telling: observer)
    }
    subject = try source.subject(
      for: data, asked.modelSettings, RemoteSettings(), batch: 128, telling: observer)
    for data in [data, validation] {
      try data.check(fits: subject)
      let shape = data.exampleShape
      guard shape.rank == 3, [1, 3].contains(shape[0]) else {
        throw StudyError(
          "\(data.name): examples are \(shape); expected pictures of 1 or 3 channels, rows and columns"
        )
      }
      guard data.targetKind == .classes, data.isLabelled else {
        throw StudyError("\(data.name): expected examples with one class each")
      }
    }
    classes = try checked.classes.map { [subject, data] in
      try ClassName.number($0, .classes, subject, data)
    }
    guard classes[0] != classes[1] else {
      throw StudyError("\(Setting.classes) is '\(asked.classes)'; expected two different classes")
    }
    for (label, name) in zip(classes, checked.classes) {
      guard data.classNames.indices.contains(label) else {
        throw StudyError(
          "\(Setting.classes): there is no class \(name); expected 0 to \(data.classNames.count - 1)"
        )
      }
      for data in [data, validation] where !data.labels.contains(label) {
        throw StudyError(
          "\(data.name): no example is of class \(name); expected some of both classes")
      }
    }
    algorithms = try asked.engine.apply()
  }

  /// Measures everything, one part after the other.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What networks and their training throw; `CancellationError` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> LinearResult {
    let start = ContinuousClock.now
    let key = RandomKey(seed: specification.seed).child("linear")
    let model = try subject.model(algorithms)
    let lines = try await AttackedLine.scan(
      model, on: validation.subset(offset: 0, count: Self.followed).examples,
      reach: 2 * checked.radius)
    guard !lines.isEmpty else {
      throw StudyError(
        "\(subject.name): none of \(Self.followed) examples of \(validation.name) is read rightly, so there is nothing"
          + " to follow")
    }
    let defences = try defences(observer)
    var rows = checked.sides.flatMap { gaussians(side: $0, key.child("gaussian").child($0)) }
    for side in checked.sides {
      rows += try await trained(side: side, key.child("trained").child(side), observer)
    }
    return LinearResult(
      specification: specification, command: command, modelName: subject.name,
      dataName: data.name, validationName: validation.name,
      classNames: classes.map { data.classNames.name(of: $0) },
      outputNames: data.classNames, radius: checked.radius, side: data.exampleShape[1],
      rows: rows, defences: defences, lines: lines,
      seconds: (ContinuousClock.now - start).seconds, modelDigest: subject.fileDigest,
      parametersDigest: subject.parametersDigest, dataDigest: try Digests.data(data),
      computation: model.computation)
  }

  /// The ways to train a linear model, on the examples in their own size.
  private func defences(_ observer: Observer) throws -> [LinearDefence] {
    let trainings = LinearDefence.trainings(size: checked.radius)
    let stage = observer.begin("linear models", of: trainings.count, "trainings")
    defer { stage.finish() }
    let examples = try BinaryExamples(data, first: classes[0], second: classes[1])
    let test = try BinaryExamples(validation, first: classes[0], second: classes[1])
    let bounds = Double(data.bounds.lowerBound)...Double(data.bounds.upperBound)
    return try trainings.enumerated().map { place, training in
      defer { stage.show(place + 1) }
      return try LinearDefence(
        training, on: examples, test: test, size: checked.radius, bounds: bounds)
    }
  }

  /// Linear functions with normal weights.
  private func gaussians(side: Int, _ key: RandomKey) -> [DimensionRow] {
    let count = data.exampleShape[0] * side * side
    return (0..<Self.gaussians).map { draw in
      let own = key.child(draw)
      var generator = own.child("weights").generator
      let score = LinearScore(weights: generator.normals([count]).scalars.map(Double.init))
      return DimensionRow(
        LinearResult.gaussian, score, draw: draw, at: [[Double](repeating: 0.5, count: count)],
        size: checked.radius, noiseCount: 200, accuracy: nil, key: own)
    }
  }

  /// A linear model and networks, trained on examples of one size.
  private func trained(
    side: Int, _ key: RandomKey, _ observer: Observer
  ) async throws -> [DimensionRow] {
    let train = try data.resampled(toSide: side)
    let test = try validation.resampled(toSide: side)
    let pair = try BinaryExamples(test, first: classes[0], second: classes[1])
    let linear = try LogisticRegression()
      .train(on: try BinaryExamples(train, first: classes[0], second: classes[1]))
    let right = zip(pair.scores(linear), pair.signs).count { $0 * $1 > 0 }
    var rows = [
      DimensionRow(
        LinearResult.logistic, linear, draw: 0,
        at: (0..<min(Self.measured, pair.count)).map { pair.input($0) }, size: checked.radius,
        noiseCount: Self.signs, accuracy: Double(right) / Double(pair.count),
        key: key.child("logistic"))
    ]
    for form in PlainForm.allCases {
      for draw in 0..<specification.draws {
        let own = key.child(form.rawValue).child(draw)
        var generator = own.child("network").generator
        let network = try await form.trained(
          on: train, epochs: specification.epochs, seed: generator.next(), algorithms,
          named: "\(form.rawValue) at \(side) pixels", telling: observer)
        let compiled = try CompiledNetwork(network, algorithms: algorithms)
        let predictions = try await compiled.predictions(on: test)
        let hits = zip(predictions, test.labels).count { $0 == $1 }
        rows.append(
          try await DimensionRow(
            form.rawValue, compiled, draw: draw,
            on: test.subset(offset: 0, count: Self.measured).examples, size: checked.radius,
            noiseCount: Self.signs, accuracy: Double(hits) / Double(test.count),
            key: own.child("signs")))
      }
    }
    return rows
  }
}
