import Files
public import Models
import Robustness

/// The training methods by the names that recipes and the command use: a row each.
public enum MethodCatalogue {
  /// All methods, plain and adversarial training first.
  public static let rows: [MethodRow] = [
    MethodRow("plain", "the examples as they are", needs: .nothing) { _ in PlainTraining() },
    MethodRow(
      "adversarial", "the worst examples that the attack finds (Madry 2018)", needs: .attack,
      options: [.number("natural", 0, 0...1, "weight of the loss of the examples as they are")]
    ) {
      var method = AdversarialTraining(try $0.requireAdversary())
      method.naturalWeight = $0["natural"] ?? 0
      return method
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
