import Files
public import Models
import Robustness

/// The training methods by the names that recipes and the command use: a row each.
public enum MethodCatalogue {
  /// All methods, plain and adversarial training first.
  public static let rows: [MethodRow] = [
    MethodRow("plain", "the examples as they are", needs: .nothing) { _ in PlainTraining() },
    MethodRow(
      "adversarial", "the worst examples that the attack finds (Madry 2018)", needs: .attack
    ) {
      AdversarialTraining(try $0.requireAdversary())
    },
    MethodRow(
      "trades", "and how far predictions change nearby (Zhang 2019)",
      needs: .threat,
      options: [
        .number("beta", 6, 0...1e6, "weight of the divergence"), .steps, .stepSize, .noise,
      ]
    ) {
      TRADES(try $0.ascent(.divergence), beta: $0["beta"] ?? 6)
    },
    MethodRow(
      "mart", "and changes weighed by what is wrong already (Wang 2020)",
      needs: .threat,
      options: [
        .number("beta", 6, 0...1e6, "weight of the divergences"), .steps, .stepSize, .noise,
      ]
    ) {
      MART(try $0.ascent(.crossEntropy), beta: $0["beta"] ?? 6)
    },
    MethodRow(
      "hat", "and what a helper says of points further out (Rade 2022)", needs: .threat,
      options: [
        .text("helper", "a network trained without an adversary"),
        .number("beta", 2.5, 0...1e6, "weight of the divergence"),
        .number("gamma", 0.5, 0...1e6, "weight of the helper's examples"),
        .steps, .stepSize, .noise,
      ]
    ) {
      let adversary = try $0.ascent(.divergence)
      let helper = try $0.requireHelper()
      return HelperTraining(
        adversary, helper: helper.model, named: helper.words, beta: $0["beta"] ?? 2.5,
        gamma: $0["gamma"] ?? 0.5)
    },
    MethodRow(
      "logit-pairing", "scores held to those of the worst examples (Kannan 2018)",
      needs: .attack, options: [.number("weight", 0.5, 0...1e6, "weight of the pairing")]
    ) {
      LogitPairing(try $0.requireAdversary(), weight: $0["weight"] ?? 0.5)
    },
    MethodRow(
      "gradalign", "gradients that point one way (Andriushchenko 2020)",
      needs: .attack, options: [.number("lambda", 0.2, 0...1e6, "weight of the penalty")]
    ) {
      GradAlign(try $0.requireAdversary(), lambda: $0["lambda"] ?? 0.2)
    },
    MethodRow(
      "n-fgsm", "one step from noise wider than the ball (de Jorge 2022)", needs: .cube,
      options: [
        .number("noise", 2, 0...100, "width of the noise, in radii"),
        .number("step", 1, 0...100, "length of the step, in radii"),
      ]
    ) {
      NoisyFGSM(
        radius: try $0.requireCube().radius, noise: $0["noise"] ?? 2, step: $0["step"] ?? 1)
    },
    MethodRow(
      "free", "each batch replayed, examples and weights move (Shafahi 2019)",
      needs: .cube, options: [.integer("replays", 8, 1...1000, "times that a batch is trained on")]
    ) {
      FreeTraining(radius: try $0.requireCube().radius, replays: $0.integer("replays") ?? 8)
    },
    MethodRow(
      "union", "the mean over the threat's alternatives (Tramèr, Boneh 2019)",
      needs: .attack
    ) { request in
      let adversary = try request.requireAdversary()
      return UnionOfThreats(
        try request.requireAlternatives().enumerated().map { index, threat in
          var one = adversary
          one.threat = threat
          if index > 0 { one.description = "\(threat)" }
          return one
        })
    },
    MethodRow(
      "union-max", "the worst of the threat's alternatives (Tramèr, Boneh 2019)",
      needs: .attack
    ) {
      _ = try $0.requireAlternatives()
      return AdversarialTraining(try $0.requireAdversary())
    },
    MethodRow(
      "msd", "the steepest of the threat's balls at every step (Maini 2020)", needs: .threat,
      options: [
        .integer("steps", 20, 1...10_000, "steps of its search"),
        .number("step", nil, 0...100, "length of a step, in radii; 2.5 / steps by default"),
      ]
    ) { request in
      let balls = try request.requireAlternatives().map { threat in
        guard let ball = threat as? Ball else { throw MethodError.needsBall(request.threatWords) }
        return ball
      }
      var method = MultiSteepestDescent(balls, words: request.threatWords)
      method.steps = request.integer("steps") ?? method.steps
      method.step = request["step"]
      return method
    },
    MethodRow(
      "spatial", "the worst of random turns and shifts (Engstrom 2019)", needs: .threat,
      options: [.integer("draws", 10, 1...10_000, "random changes that are tried")]
    ) {
      SpatialTraining(
        try $0.requireMotion(), words: $0.threatWords, draws: $0.integer("draws") ?? 10)
    },
    MethodRow(
      "ibp", "a bound of the worst loss by intervals (Gowal 2018, Shi 2021)", needs: .box,
      options: MethodOption.intervals, isCertified: true
    ) { try $0.intervalTraining() },
    MethodRow(
      "crown-ibp", "the same with linear bounds early on (Zhang 2020)", needs: .box,
      options: MethodOption.intervals, isCertified: true
    ) {
      var method = try $0.intervalTraining()
      method.usesLinearBounds = true
      return method
    },
    MethodRow(
      "sabr", "a bound on a small box around an attack's point (Müller 2023)", needs: .cube,
      options: [
        .number("lambda", 0.4, 0.001...1, "share of the radius that the small box reaches"),
        .number("kappa", 0, 0...1, "weight of the natural loss at the end"),
      ] + MethodOption.course + MethodOption.search, isCertified: true
    ) {
      var method = SABR(
        try $0.requireCube(), words: $0.threatWords, lambda: $0["lambda"] ?? 0.4)
      $0.set(&method.intervals)
      $0.set(&method.search)
      return method
    },
    MethodRow(
      "mtl-ibp", "the bound by intervals and an attack, weighed (De Palma 2024)", needs: .cube,
      options: [.number("alpha", 0.5, 0...1, "weight of the bound")]
        + MethodOption.course + MethodOption.search, isCertified: true
    ) {
      var method = MTLIBP(
        try $0.requireCube(), words: $0.threatWords, alpha: $0["alpha"] ?? 0.5)
      $0.set(&method.intervals)
      $0.set(&method.search)
      return method
    },
    MethodRow(
      "gaussian", "normal noise, for randomised smoothing (Cohen 2019)", needs: .nothing,
      options: [.number("deviation", 0.25, 0...1e6, "standard deviation of the noise")]
    ) {
      GaussianAugmentation(deviation: $0["deviation"] ?? 0.25)
    },
    MethodRow(
      "smooth-adv", "the worst examples of the smoothed classifier (Salman 2019)",
      needs: .threat,
      options: [
        .number("deviation", 0.25, 0...1e6, "standard deviation of the noise"),
        .integer("draws", 2, 1...64, "draws of noise for each example"),
        .integer("steps", 4, 1...10_000, "steps of its search"),
        .number("step", nil, 0...100, "length of a step, in radii; 2 / steps by default"),
      ]
    ) {
      guard let ball = try $0.requireAdversary().threat as? Ball else {
        throw MethodError.needsBall($0.threatWords)
      }
      var method = SmoothAdversarialTraining(ball, words: $0.threatWords)
      method.deviation = $0["deviation"] ?? method.deviation
      method.draws = $0.integer("draws") ?? method.draws
      method.steps = $0.integer("steps") ?? method.steps
      method.step = $0["step"]
      return method
    },
  ]

  /// The method that words ask for, such as `trades:beta=6,steps=10`.
  ///
  /// - Parameters:
  ///   - words: The name and, after a colon, values of its options.
  ///   - adversary: Who the network is trained against; `nil` if nobody was named.
  ///   - threatWords: The threat in words.
  ///   - isAttackGiven: Whether the attack was chosen, not left to its standard.
  ///   - helper: Loads the helper network that an option names.
  /// - Returns: The method.
  /// - Throws: `MethodError`, and what `helper` throws.
  public static func method(
    _ words: String, against adversary: Recipe.Adversary?, threatWords: String,
    isAttackGiven: Bool,
    helper: @escaping (String) throws -> MethodHelper = { throw MethodError.noHelper($0) }
  ) throws -> any TrainingMethod {
    let (row, values, texts) = try read(words)
    switch row.needs {
    case .nothing where adversary != nil: throw MethodError.needsNoThreat(row.name)
    case .nothing: break
    case .attack, .threat, .cube, .box:
      guard adversary != nil else { throw MethodError.needsThreat(row.name) }
      if row.needs != .attack, isAttackGiven { throw MethodError.needsNoAttack(row.name) }
    }
    return try row.make(
      MethodRequest(
        adversary: adversary, threatWords: threatWords, values: values, texts: texts,
        helper: helper))
  }

  /// The row that words name, and the values that they give, those of text apart.
  ///
  /// - Throws: `MethodError`.
  public static func read(
    _ words: String
  ) throws(MethodError) -> (row: MethodRow, values: [String: Double], texts: [String: String]) {
    let parts = words.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let row = rows.first(where: { $0.name == name }) else {
      throw .unknown(name, known: rows.map(\.name))
    }
    guard parts.count > 1 else { return (row, [:], [:]) }
    var values: [String: Double] = [:]
    var texts: [String: String] = [:]
    for pair in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(sides[0])
      guard let option = row.options.first(where: { $0.name == key }) else {
        throw .unknownOption(key, method: name, known: row.options.map(\.name))
      }
      guard values[key] == nil, texts[key] == nil else { throw .twice(key, method: name) }
      if option.isText {
        guard sides.count == 2, !sides[1].isEmpty else {
          throw .text(option: key, method: name, expected: option.summary)
        }
        texts[key] = String(sides[1])
        continue
      }
      guard sides.count == 2, let value = option.value(of: String(sides[1])) else {
        throw .value(
          sides.count == 2 ? String(sides[1]) : "", option: key, method: name,
          expected: option.range)
      }
      values[key] = value
    }
    return (row, values, texts)
  }
}

/// A network that helps to train another.
public struct MethodHelper: Sendable {
  /// The network, of the same input and classes as the one that is trained.
  public var model: any BatchedModel
  /// The network in words, which name the recipe: equal words for equal networks only.
  public var words: String

  /// Creates a helper.
  public init(_ model: any BatchedModel, words: String) {
    (self.model, self.words) = (model, words)
  }
}

/// A training method as recipes name it.
public struct MethodRow: Sendable {
  /// The name.
  public let name: String
  /// What is trained on, in a few words.
  public let summary: String
  /// What it needs to know of an adversary.
  public let needs: Needs
  /// Its options.
  public let options: [MethodOption]
  /// Whether it minimises a bound, so that verified accuracy is what it is measured by.
  public let isCertified: Bool
  let make: @Sendable (MethodRequest) throws -> any TrainingMethod

  /// What a method needs to know of an adversary.
  public enum Needs: Sendable, Hashable {
    /// There is none.
    case nothing
    /// The threat and the attack.
    case attack
    /// The threat; it searches by itself.
    case threat
    /// The radius of an L-infinity ball; it searches by itself.
    case cube
    /// The threat, whose smallest box is bounded; it has no attack.
    case box
  }

  init(
    _ name: String, _ summary: String, needs: Needs, options: [MethodOption] = [],
    isCertified: Bool = false,
    make: @escaping @Sendable (MethodRequest) throws -> any TrainingMethod
  ) {
    (self.name, self.summary, self.needs, self.options) = (name, summary, needs, options)
    self.isCertified = isCertified
    self.make = make
  }
}

/// A number, or in few cases a text, that a method depends on.
public struct MethodOption: Sendable, Hashable {
  /// The name.
  public let name: String
  /// What it is if nobody says; `nil` where it follows from others.
  public let standard: Double?
  /// The values that it may have.
  public let range: ClosedRange<Double>
  /// Whether it is a whole number.
  public let isInteger: Bool
  /// Whether it is a text, which has no range.
  public let isText: Bool
  /// What it is.
  public let summary: String

  static func number(
    _ name: String, _ standard: Double?, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(
      name: name, standard: standard, range: range, isInteger: false, isText: false,
      summary: summary)
  }

  static func integer(
    _ name: String, _ standard: Double, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(
      name: name, standard: standard, range: range, isInteger: true, isText: false, summary: summary
    )
  }

  static func text(_ name: String, _ summary: String) -> Self {
    Self(
      name: name, standard: nil, range: 0...0, isInteger: false, isText: true, summary: summary)
  }

  static let intervals =
    [number("kappa", 0.5, 0...1, "weight of the natural loss at the end")] + course

  /// What all methods of interval bounds depend on.
  static let course = [
    number("warm-up", 0.02, 0...1, "share of the training before the box grows"),
    number("ramp", 0.4, 0...1, "share of the training at which the box is whole"),
    number("penalty", 0.5, 0...1e6, "weight of the penalties of wide intervals"),
    number("l1", 0, 0...1e6, "weight of the sum of the weights' magnitudes"),
  ]

  /// What the attack beside interval bounds depends on.
  static let search = [
    integer("steps", 8, 1...10_000, "steps of the attack"),
    number("step", nil, 0...100, "length of a step, in radii; 2.5 / steps by default"),
  ]

  static let steps = integer("steps", 10, 1...10_000, "steps of its search")
  static let stepSize = number(
    "step-size", nil, 0...1e6, "length of a step; 2.5 radii divided by the steps by default")
  static let noise = number(
    "noise", 0.001, 0...1e6, "standard deviation of the noise that the search begins with")

  func value(of text: String) -> Double? {
    guard let value = Double(text), range.contains(value),
      !isInteger || value.rounded() == value
    else { return nil }
    return value
  }
}

/// What a method is made of.
struct MethodRequest {
  let adversary: Recipe.Adversary?
  let threatWords: String
  let values: [String: Double]
  let texts: [String: String]
  let helper: (String) throws -> MethodHelper

  subscript(name: String) -> Double? { values[name] }

  /// Who the network is trained against.
  func requireAdversary() throws -> Recipe.Adversary {
    guard let adversary else { throw MethodError.needsThreat("this") }
    return adversary
  }

  /// The value of an option that is a whole number.
  func integer(_ name: String) -> Int? { values[name].map { Int($0) } }

  /// The helper network, which must be named.
  func requireHelper() throws -> MethodHelper {
    guard let name = texts["helper"] else { throw MethodError.needsHelper }
    return try helper(name)
  }

  /// The alternatives of the threat, of which there must be several.
  func requireAlternatives() throws -> [any ThreatModel] {
    let threats = try requireAdversary().threat.alternatives
    guard threats.count > 1 else { throw MethodError.noAlternatives(threatWords) }
    return threats
  }

  /// The threat, which must be one of few parameters and no ball.
  func requireMotion() throws -> any ThreatModel {
    let threat = try requireAdversary().threat
    guard threat.norm == nil, threat.alternatives.count == 1 else {
      throw MethodError.needsMotion(threatWords)
    }
    return threat
  }

  /// The threat, which must be an L-infinity ball.
  func requireCube() throws -> Ball {
    guard let ball = try requireAdversary().threat as? Ball, ball.norm == .infinity,
      ball.mask == nil
    else { throw MethodError.needsCube(threatWords) }
    return ball
  }

  /// Training by interval bounds with the options' constants.
  func intervalTraining() throws -> IntervalTraining {
    let adversary = try requireAdversary()
    guard adversary.threat is Ball else { throw MethodError.needsBall(threatWords) }
    var method = IntervalTraining(adversary.threat, words: threatWords)
    set(&method)
    return method
  }

  /// Gives interval training the options' constants.
  func set(_ method: inout IntervalTraining) {
    method.kappa = self["kappa"] ?? method.kappa
    method.warmUp = self["warm-up"] ?? method.warmUp
    method.ramp = self["ramp"] ?? method.ramp
    method.penalty = self["penalty"] ?? method.penalty
    method.magnitudeWeight = self["l1"] ?? method.magnitudeWeight
  }

  /// Gives the attack beside interval bounds the options' constants.
  func set(_ search: inout IntervalSearch) {
    search.steps = integer("steps") ?? search.steps
    search.step = self["step"]
  }

  /// The search that the options describe, within the threat.
  func ascent(_ objective: TrainingAscent.Objective) throws -> Recipe.Adversary {
    let ascent = TrainingAscent(
      objective, steps: Int(self["steps"] ?? 10), stepSize: self["step-size"],
      noise: self["noise"] ?? 0.001)
    return Recipe.Adversary(
      ascent, within: try requireAdversary().threat, words: threatWords)
  }
}

/// Why words name no training method.
public enum MethodError: Error, Hashable, CustomStringConvertible {
  /// There is no such method.
  case unknown(String, known: [String])
  /// The method has no such option.
  case unknownOption(String, method: String, known: [String])
  /// An option is given twice.
  case twice(String, method: String)
  /// An option has a value that it cannot have.
  case value(String, option: String, method: String, expected: ClosedRange<Double>)
  /// An option that is a text has none.
  case text(option: String, method: String, expected: String)
  /// The method needs a helper network.
  case needsHelper
  /// A helper network cannot be loaded here.
  case noHelper(String)
  /// The method needs a threat.
  case needsThreat(String)
  /// The method needs an L-infinity ball.
  case needsCube(String)
  /// The method bounds what a ball contains.
  case needsBall(String)
  /// The method draws from a threat that is no ball.
  case needsMotion(String)
  /// The method has no use for a threat.
  case needsNoThreat(String)
  /// The method searches by itself.
  case needsNoAttack(String)
  /// The threat has one form only.
  case noAlternatives(String)

  /// One line that says what is expected.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "there is no training method '\(name)'\(name.suggestion(among: known)); there are "
        + known.joined(separator: ", ")
    case .unknownOption(let name, let method, let known):
      "the training method \(method) has no option '\(name)'\(name.suggestion(among: known)); "
        + (known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", "))
    case .twice(let name, let method):
      "the training method \(method) is given \(name) twice; expected one value"
    case .value(let text, let option, let method, let expected):
      "the training method \(method): \(option) is '\(text)'; expected \(expected.lowerBound) to \(expected.upperBound)"
    case .text(let option, let method, let expected):
      "the training method \(method): \(option) is empty; expected \(expected)"
    case .needsHelper:
      "this training method needs a network that helps; expected hat:helper=FILE or a built-in network"
    case .noHelper(let name):
      "the helper network '\(name)' cannot be loaded here; expected a way to load it, or HelperTraining itself"
    case .needsThreat(let name):
      "the training method \(name) needs a threat, such as linf:0.3"
    case .needsCube(let words):
      "the threat is \(words); this training method is for L-infinity balls, such as linf:0.3"
    case .needsBall(let words):
      "the threat is \(words); this training method is for balls, such as linf:0.3"
    case .needsMotion(let words):
      "the threat is \(words); this training method is for one that is no ball, such as rotation:30+shift:3"
    case .needsNoThreat(let name):
      "the training method \(name) has no adversary; expected no threat, or another method"
    case .needsNoAttack(let name):
      "the training method \(name) searches by itself; expected no attack; `gibbon train --help` lists its options"
    case .noAlternatives(let words):
      "the threat is \(words); this training method needs alternatives, such as linf:0.3|l2:2"
    }
  }
}
