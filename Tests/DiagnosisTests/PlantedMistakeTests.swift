import Diagnosis
import Graphs
import Networks
import Robustness
import SoundModels
import Tensors
import Testing

@Suite("Each mistake is found in at least 95 of 100 models in which it is planted", .serialized)
struct PlantedMistakeTests {
  typealias DiagnosedModel = Mistake.DiagnosedModel

  /// Counts, and says what was not found.
  private func check(_ mistakes: [Mistake], in patients: [DiagnosedModel]) async throws {
    var before: [Int] = []
    for subject in patients { before.append(try await subject.examine().right ?? 0) }
    for mistake in mistakes {
      var (found, tried) = (0, 0)
      var missed: [String] = []
      for (subject, before) in zip(patients, before) {
        guard let result = try await mistake.isFound(in: subject, right: before) else { continue }
        tried += 1
        found += result.found ? 1 : 0
        if !result.found { missed.append("\(subject.name): \(result.findings)") }
      }
      print("planted: \(mistake.name): found \(found) of \(tried)")
      #expect(tried >= 5, "\(mistake.name) does harm to \(tried) of \(patients.count) models")
      #expect(100 * found >= 95 * tried, "\(mistake.name): \(missed)")
    }
  }

  // MARK: - Models

  private static let shown = 0..<200

  /// Networks that read digits.
  private static let digitReaders = Task { try await digits() }
  private static func digits() async throws -> [DiagnosedModel] {
    let all = try SoundExamples.digits(0..<1200)
    let part = all.at(shown)
    let standard = try BuiltInNetwork.mnistStandard.load().network
    let readers = [
      try DiagnosedModel("a standard network", standard, part),
      try DiagnosedModel("a robust network", BuiltInNetwork.mnistRobust.load().network, part),
      try DiagnosedModel("in 16 levels", SoundFits.quantized(standard, levels: 16), part),
      try await DiagnosedModel("a perceptron", SoundNetworks.perceptron, part),
      try await DiagnosedModel("convolutions", SoundNetworks.convolutions, part),
      try DiagnosedModel(
        "against an adversary",
        await SoundFits.trained(
          SoundFits.perceptron([1, 28, 28], 32, 10, seed: 1), on: all, epochs: 8, rate: 0.003,
          adversary: SoundFits.adversary(radius: 0.03)), part),
    ]
    return readers + (try await saturating(all, seeds: 0..<5))
  }

  /// Networks of hyperbolic tangents, which larger values harm more than others.
  private static func saturating(
    _ examples: SoundExamples, seeds: Range<UInt64>
  ) async throws -> [DiagnosedModel] {
    var patients: [DiagnosedModel] = []
    for seed in seeds {
      let network = try Network(
        "tanh", input: InputDescription(shape: examples.shape), seed: seed
      ) {
        Flatten()
        Linear(24)
        Activation(.tanh)
        Linear(10)
      }
      patients.append(
        try DiagnosedModel(
          "hyperbolic tangents \(seed)",
          await SoundFits.trained(network, on: examples, epochs: 8, rate: 0.003),
          examples.at(shown)))
    }
    return patients
  }

  /// Networks of colour pictures.
  private static let colourReaders = Task { try await colours() }
  private static func colours() async throws -> [DiagnosedModel] {
    let coloured = try SoundExamples.colouredDigits(0..<1200)
    var patients: [DiagnosedModel] = []
    for seed in 0..<2 as Range<UInt64> {
      patients.append(
        try DiagnosedModel(
          "coloured digits \(seed)",
          await SoundFits.trained(
            SoundFits.convolutional([3, 14, 14], 10, seed: seed), on: coloured, epochs: 8,
            rate: 0.005), coloured.at(shown)))
    }
    for seed in 0..<2 as Range<UInt64> {
      patients.append(
        try DiagnosedModel(
          "coloured digits by a perceptron \(seed)",
          await SoundFits.trained(
            SoundFits.perceptron([3, 14, 14], 48, 10, seed: seed), on: coloured, epochs: 16,
            rate: 0.002), coloured.at(shown)))
    }
    patients += try await saturating(coloured, seeds: 0..<3)
    for seed in 0..<4 {
      let (examples, templates) = SoundExamples.templates(200, seed: UInt64(seed))
      let halves = (0..<10).map { -Float(templates.row($0).norm2 * templates.row($0).norm2 / 2) }
      patients.append(
        try DiagnosedModel(
          "templates \(seed)", SoundFits.affine([3, 8, 8], templates, halves), examples))
    }
    return patients
  }

  /// Nearest means, whose biases no change of scale leaves right.
  private static func means(_ all: SoundExamples, scale: Float) throws -> [DiagnosedModel] {
    try (0..<10).map { part in
      let examples = all.at(240 * part..<240 * part + 240)
      return try DiagnosedModel(
        "nearest means \(part)", SoundFits.nearestMeans(examples, scale: scale),
        examples.at(shown))
    }
  }

  /// Networks with batch normalisation.
  private static let normalized = Task { () async throws -> [DiagnosedModel] in
    let small = try SoundExamples.smallDigits(0..<1200, side: 2)
    var patients: [DiagnosedModel] = []
    for seed in 0..<5 {
      patients.append(
        try DiagnosedModel(
          "batch normalisation \(seed)",
          await SoundFits.trained(
            SoundFits.convolutional([1, 14, 14], 10, seed: UInt64(seed), isNormalized: true),
            on: small, epochs: 6, rate: 0.005), small.at(shown)))
    }
    return patients
  }

  private static let forms: [(features: Int, classes: Int, spread: Float)] = [
    (6, 4, 0.3), (10, 3, 0.4), (16, 12, 0.4), (20, 5, 0.6), (32, 30, 0.6), (8, 6, 0.3),
  ]

  /// Closed-form models of tables.
  private static func tables() throws -> [DiagnosedModel] {
    try forms.enumerated().map { place, form in
      let examples = SoundExamples.clouds(
        240, features: form.features, classes: form.classes, spread: form.spread,
        seed: 50 + UInt64(place))
      return try DiagnosedModel(
        "\(form.classes) classes of \(form.features) features", SoundFits.discriminant(examples),
        examples)
    }
  }

  // MARK: - Tests

  @Test("the models know their task")
  func sound() async throws {
    let patients =
      try await Self.digitReaders.value + Self.colourReaders.value + Self.tables()
      + Self.normalized.value
    for subject in patients {
      let report = try await subject.examine()
      #expect(try #require(report.right) >= 175, "\(subject.name)")
      #expect(report.findings == [], "\(subject.name)")
    }
  }

  @Test("in models of any kind")
  func everywhere() async throws {
    try await check(
      Mistakes.everywhere, in: Self.digitReaders.value + Self.colourReaders.value + Self.tables())
  }

  @Test("in pictures: values in other units")
  func units() async throws {
    let (digits, colours) = (
      try await Self.digitReaders.value, try await Self.colourReaders.value
    )
    let means = try Self.means(SoundExamples.digits(0..<2400), scale: 0.5)
    let colourMeans = try Self.means(SoundExamples.colouredDigits(0..<2400), scale: 2)
    try await check(Mistakes.units, in: digits + colours + means)
    try await check(
      Mistakes.normalizations, in: digits + means + colours + colourMeans)
  }

  @Test("in pictures: values in another order")
  func orders() async throws {
    let (digits, colours) = (
      try await Self.digitReaders.value, try await Self.colourReaders.value
    )
    try await check(Mistakes.orders, in: digits + colours)
    try await check(Mistakes.colours, in: colours)
  }

  @Test("in batch normalisations")
  func statistics() async throws {
    try await check(Mistakes.statistics, in: Self.normalized.value)
  }

  @Test("labels that count names in alphabetical order")
  func alphabetical() async throws {
    let mistake = Mistake("alphabetical labels", .labels, "alphabetically") { subject in
      let names = (0..<subject.classCount).map(String.init).sorted()
      return subject.labelled { names.firstIndex(of: String($0)) ?? 0 }
    }
    var patients: [DiagnosedModel] = []
    for (place, classes) in [12, 20, 30, 40, 15].enumerated() {
      let examples = SoundExamples.clouds(
        400, features: 24, classes: classes, spread: 0.4, seed: 80 + UInt64(place))
      patients.append(
        try DiagnosedModel("\(classes) classes", SoundFits.discriminant(examples), examples))
    }
    try await check([mistake], in: patients)
  }

  @Test("two classes exchanged, with one output and with two")
  func exchanged() async throws {
    let mistake = Mistake("two classes exchanged", .labels, "renumber") { $0.labelled { 1 - $0 } }
    var patients: [DiagnosedModel] = []
    for place in 0..<6 {
      let examples = SoundExamples.clouds(
        200, features: 8 + place, classes: 2, spread: 0.5, seed: 90 + UInt64(place))
      patients.append(
        try DiagnosedModel(
          "\(place)",
          place % 2 == 0
            ? SoundFits.singleLogit(examples) : SoundFits.discriminant(examples), examples))
    }
    try await check([mistake], in: patients)
  }

  @Test("any number of sigmoids, as layers and of one label or several")
  func sigmoids() async throws {
    let mistake = Mistake("sigmoids", .probabilities, "before its sigmoid", mayBeHarmless: false) {
      subject in
      guard let plain = subject.network else { return subject }
      var network = try Network("sigmoids", input: plain.input, seed: 0) {
        Flatten()
        Linear(plain.outputCount)
        Activation(.sigmoid)
      }
      try network.load(plain.parameters)
      return try subject.with(network)
    }
    var patients = try Self.tables()
    for place in 0..<6 {
      let examples = SoundExamples.clouds(
        100, features: 6, classes: 2, spread: 0.6, seed: 110 + UInt64(place))
      patients.append(
        try DiagnosedModel("a single output \(place)", SoundFits.singleLogit(examples), examples))
    }
    for place in 0..<3 {
      var subject = patients[place]
      subject.isSeveral = true
      patients.append(subject)
    }
    try await check([mistake], in: patients)
    // What is judged by its sign has no say in what else is wrong.
    for subject in patients where !subject.isSeveral {
      let findings = try await mistake.plant(subject).examine().findings
      #expect(findings.map(\.kind) == [.probabilities], "\(subject.name): \(findings)")
    }
  }
}
