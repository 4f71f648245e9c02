import Graphs
import Networks
import Optimizers
import Robustness
import Tensors
import Training

extension SoundModel {
  /// Networks that learned their task.
  static func learned(_ seed: UInt64) async throws -> [SoundModel] {
    let rows = try SoundExamples.digits(0..<1200).reshaped(to: [784])
    let small = try SoundExamples.smallDigits(0..<1200)
    let coloured = try SoundExamples.colouredDigits(0..<1200)
    let clouds = SoundExamples.clouds(
      600, features: 10, classes: 5, spread: 0.7, seed: 3000 &+ seed)
    let waves = SoundExamples.waves(450, seed: 10 &+ seed)
    func part(_ examples: SoundExamples) -> SoundExamples { examples.at(Array(0..<200)) }
    return [
      try SoundModel(
        "rows of digits",
        await SoundFits.trained(
          SoundFits.perceptron([784], 32, 10, seed: seed), on: rows, epochs: 6, rate: 0.003),
        part(rows), radius: 0.02),
      try SoundModel(
        "small pictures",
        await SoundFits.trained(
          SoundFits.perceptron([1, 7, 7], 32, 10, seed: seed), on: small, epochs: 10, rate: 0.005),
        part(small), radius: 0.03),
      try SoundModel(
        "small pictures against an adversary",
        await SoundFits.trained(
          SoundFits.perceptron([1, 7, 7], 32, 10, seed: seed), on: small, epochs: 10, rate: 0.005,
          adversary: SoundFits.adversary(radius: 0.05)), part(small), radius: 0.05),
      try SoundModel(
        "coloured digits",
        await SoundFits.trained(
          SoundFits.convolutional([3, 14, 14], 10, seed: seed), on: coloured, epochs: 6,
          rate: 0.005), part(coloured), radius: 0.02),
      try SoundModel(
        "coloured digits with batch normalisation",
        await SoundFits.trained(
          SoundFits.convolutional([3, 14, 14], 10, seed: seed, isNormalized: true), on: coloured,
          epochs: 6, rate: 0.005), part(coloured), radius: 0.02),
      try SoundModel(
        "a table",
        await SoundFits.trained(
          SoundFits.perceptron([10], 16, 5, seed: seed), on: clouds, epochs: 10, rate: 0.01),
        part(clouds), radius: 0.1),
      try SoundModel(
        "series by a network",
        await SoundFits.trained(
          SoundFits.perceptron([64], 16, 3, seed: seed), on: waves, epochs: 6, rate: 0.005),
        part(waves), radius: 0.1),
    ]
  }

  /// Networks that were trained for too short a time, at too low or too high a rate.
  static func underfitted(_ seed: UInt64) async throws -> [SoundModel] {
    let digits = try SoundExamples.digits(1000..<1500)
    let small = try SoundExamples.smallDigits(1000..<1500)
    let coloured = try SoundExamples.colouredDigits(1000..<1500)
    let clouds = SoundExamples.clouds(
      400, features: 10, classes: 2, spread: 0.7, seed: 4000 &+ seed)
    let unit = clouds.mapped(to: 0...1) { ($0 + 6) / 12 }
    let centred = digits.mapped(to: -1...1) { 2 * $0 - 1 }
    var made: [SoundModel] = []
    func add(
      _ name: String, _ network: Network, _ examples: SoundExamples, count: Int, rate: Double,
      optimizer: any Optimizer = Adam(), isRobust: Bool = false, radius: Double = 0.05
    ) async throws {
      let trained = try await SoundFits.trained(
        network, on: examples.at(Array(0..<count)), epochs: 1, rate: rate, optimizer: optimizer,
        adversary: isRobust
          ? SoundFits.adversary(radius: radius, bounds: examples.bounds) : nil)
      made.append(
        try SoundModel(
          name + ", underfitted", trained, examples.at(Array(200..<400)), radius: radius))
    }
    let rectifier = { try SoundFits.perceptron([1, 28, 28], 32, 10, seed: $0 &+ seed) }
    try await add("a perceptron after 10 steps", rectifier(0), digits, count: 250, rate: 0.001)
    try await add("a perceptron after 4 steps", rectifier(1), digits, count: 100, rate: 0.003)
    try await add("a perceptron after 2 steps", rectifier(2), digits, count: 50, rate: 0.01)
    try await add("a perceptron at a low rate", rectifier(3), digits, count: 500, rate: 0.0001)
    try await add(
      "a perceptron by descent", rectifier(4), digits, count: 500, rate: 0.003, optimizer: SGD())
    try await add(
      "a perceptron at a high rate", rectifier(5), digits, count: 250, rate: 0.1)
    try await add("a perceptron on -1 to 1", rectifier(6), centred, count: 100, rate: 0.001)
    try await add(
      "a perceptron against an adversary", rectifier(7), digits, count: 500, rate: 0.001,
      isRobust: true, radius: 0.1)
    let linear = { (shape: Shape, classes: Int) in
      try Network("linear", input: InputDescription(shape: shape), seed: seed) {
        Flatten()
        Linear(classes)
      }
    }
    try await add("a linear network", linear([1, 28, 28], 10), digits, count: 125, rate: 0.001)
    try await add(
      "a linear network on -1 to 1", linear([1, 28, 28], 10), centred, count: 50, rate: 0.01)
    try await add(
      "a linear network of small pictures", linear([1, 7, 7], 10), small, count: 250, rate: 0.01)
    try await add(
      "a convolutional network", SoundFits.convolutional([1, 28, 28], 10, seed: seed), digits,
      count: 500, rate: 0.001)
    try await add(
      "a convolutional network of colours", SoundFits.convolutional([3, 14, 14], 10, seed: seed),
      coloured, count: 500, rate: 0.002, radius: 0.02)
    try await add(
      "batch normalisation",
      SoundFits.convolutional([1, 28, 28], 10, seed: seed, isNormalized: true), digits,
      count: 250, rate: 0.001)
    let saturating = try Network(
      "tanh", input: InputDescription(shape: [1, 28, 28]), seed: seed
    ) {
      Flatten()
      Linear(32)
      Activation(.tanh)
      Linear(10)
    }
    try await add("hyperbolic tangents", saturating, digits, count: 100, rate: 0.01)
    try await add("hyperbolic tangents on -1 to 1", saturating, centred, count: 125, rate: 0.01)
    try await add("a table", linear([10], 2), clouds, count: 50, rate: 0.01, radius: 0.1)
    try await add("a table in 0 to 1", linear([10], 2), unit, count: 400, rate: 0.03, radius: 0.01)
    try await add(
      "a table in 0 to 1 by a perceptron", SoundFits.perceptron([10], 16, 2, seed: seed), unit,
      count: 400, rate: 0.003, radius: 0.01)
    return made
  }
}
