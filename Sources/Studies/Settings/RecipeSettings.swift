package import Engine
import Files
import Models
import Optimizers
import Settings
package import Training

/// How to train.
public struct RecipeSettings: Sendable, Hashable, Codable {
  /// Number of passes over the data.
  public var epochs = 10
  /// Number of examples per step.
  public var batch = 100
  /// What is trained on: a method by its name, with values of its options, such as `trades:beta=6`; adversarial training
  /// where there is a threat, else plain training by default.
  public var method: String?
  /// The relative size of adversarial weight perturbations; none by default.
  public var weightPerturbation = 0.0
  /// The share of the target that is spread over all classes.
  public var labelSmoothing = 0.0
  /// The L2 norm to which a larger gradient is scaled down; none by default.
  public var gradientNorm: Double?
  /// How parameters follow their gradients: `adam`, `adamw` or `sgd`.
  public var optimizer = "adam"
  /// The largest learning rate; 0.005 for adam and 0.05 for sgd by default.
  public var rate: Double?
  /// The rate over time: `constant`, `steps`, `cyclic` or `cosine`.
  public var schedule = "cyclic"
  /// Share of the training at which a cyclic rate is largest; 0.4 by default.
  public var peak: Double?
  /// Ascending shares of the training, joined by commas, after which a stepped rate is divided by 10; `0.5,0.75` by
  /// default.
  public var drops: String?
  /// Momentum of sgd; 0.9 by default.
  public var momentum: Double?
  /// Weight decay.
  public var weightDecay = 0.0
  /// Determines the first parameters, the order of the examples and all other chance.
  public var seed: UInt64 = 0

  /// The standard recipe.
  public init() {}

  /// Makes sure that the numbers are in their ranges.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    guard 1...1_000_000 ~= epochs else {
      throw StudyError("\(Setting.epochs) is \(epochs); expected 1 to 1000000")
    }
    guard 1...4096 ~= batch else {
      throw StudyError("\(Setting.batch) is \(batch); expected 1 to 4096")
    }
    if let rate, !(rate > 0 && rate.isFinite) {
      throw StudyError("\(Setting.rate) is \(rate); expected a positive number")
    }
    if let peak, !(0..<1 ~= peak) {
      throw StudyError("\(Setting.peak) is \(peak); expected 0 to below 1")
    }
    if let momentum, !(0..<1 ~= momentum) {
      throw StudyError("\(Setting.momentum) is \(momentum); expected 0 to below 1")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw StudyError("\(Setting.weightDecay) is \(weightDecay); expected 0 or more")
    }
    guard 0...1 ~= weightPerturbation else {
      throw StudyError(
        "\(Setting.weightPerturbation) is \(weightPerturbation); expected 0 to 1")
    }
    guard 0..<1 ~= labelSmoothing else {
      throw StudyError("\(Setting.labelSmoothing) is \(labelSmoothing); expected 0 to below 1")
    }
    if let gradientNorm, !(gradientNorm > 0 && gradientNorm.isFinite) {
      throw StudyError("\(Setting.gradientNorm) is \(gradientNorm); expected a positive number")
    }
    if let method { _ = try MethodCatalogue.read(method) }
  }

  /// The recipe, against an adversary if there is one.
  ///
  /// - Parameters:
  ///   - adversary: Who the network is trained against.
  ///   - threat: The threat in words.
  ///   - isAttackGiven: Whether the attack was chosen, not left to its standard.
  ///   - helper: Loads the network that the method's option names.
  /// - Returns: The recipe.
  /// - Throws: `StudyError` or `MethodError`.
  package func recipe(
    _ adversary: Recipe.Adversary?, within threat: String = "", isAttackGiven: Bool = false,
    helper: @escaping (String) throws -> MethodHelper = { throw MethodError.noHelper($0) }
  ) throws -> Recipe {
    let chosen: any Optimizer
    let standardRate: Double
    switch optimizer {
    case "adam":
      guard momentum == nil else {
        throw StudyError("\(Setting.momentum) is about \(Setting.optimizer) sgd, and this is adam")
      }
      (chosen, standardRate) = (Adam(weightDecay: weightDecay), 0.005)
    case "adamw":
      guard momentum == nil else {
        throw StudyError("\(Setting.momentum) is about \(Setting.optimizer) sgd, and this is adamw")
      }
      (chosen, standardRate) = (AdamW(weightDecay: weightDecay), 0.005)
    case "sgd":
      (chosen, standardRate) = (SGD(momentum: momentum ?? 0.9, weightDecay: weightDecay), 0.05)
    default:
      let near = optimizer.suggestion(among: ["adam", "adamw", "sgd"])
      throw StudyError("\(Setting.optimizer) is '\(optimizer)'\(near); expected adam, adamw or sgd")
    }
    var training = try MethodCatalogue.method(
      method ?? (adversary == nil ? "plain" : "adversarial"), against: adversary,
      threatWords: threat, isAttackGiven: isAttackGiven, helper: helper)
    if weightPerturbation > 0 {
      training = AdversarialWeightPerturbation(training, gamma: weightPerturbation)
    }
    var recipe = Recipe(
      epochs: epochs, batchSize: batch, optimizer: chosen,
      schedule: try makeSchedule(rate ?? standardRate), seed: seed, method: training)
    recipe.entropy.labelSmoothing = labelSmoothing
    recipe.largestGradientNorm = gradientNorm
    return recipe
  }

  private func makeSchedule(_ rate: Double) throws -> Schedule {
    for (setting, isGiven, own) in [
      (Setting.peak, peak != nil, "cyclic"), (.drops, drops != nil, "steps"),
    ] where isGiven && schedule != own {
      throw StudyError("\(setting) is about \(Setting.schedule) \(own), and this is \(schedule)")
    }
    switch schedule {
    case "constant": return .constant(rate: rate)
    case "cyclic": return .cyclic(rate: rate, peak: peak ?? 0.4)
    case "cosine": return .cosine(rate: rate)
    case "steps":
      let drops = drops ?? "0.5,0.75"
      let parts = drops.split(separator: ",", omittingEmptySubsequences: false)
      let shares = parts.compactMap { Double($0) }
      guard shares.count == parts.count, shares.allSatisfy({ 0..<1 ~= $0 }),
        zip(shares, shares.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        throw StudyError(
          "\(Setting.drops) is '\(drops)'; expected ascending shares from 0 to below 1, such as 0.5,0.75"
        )
      }
      return .steps(rate: rate, at: shares, factor: 0.1)
    default:
      let near = schedule.suggestion(among: ["constant", "steps", "cyclic", "cosine"])
      throw StudyError(
        "\(Setting.schedule) is '\(schedule)'\(near); expected constant, steps, cyclic or cosine")
    }
  }
}

extension RecipeSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case epochs, batch, method, weightPerturbation, labelSmoothing, gradientNorm, optimizer, rate
    case schedule, peak, drops, momentum, weightDecay, seed
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.epochs, into: &epochs)
    try members.read(.batch, into: &batch)
    try members.read(.method, into: &method)
    try members.read(.weightPerturbation, into: &weightPerturbation)
    try members.read(.labelSmoothing, into: &labelSmoothing)
    try members.read(.gradientNorm, into: &gradientNorm)
    try members.read(.optimizer, into: &optimizer)
    try members.read(.rate, into: &rate)
    try members.read(.schedule, into: &schedule)
    try members.read(.peak, into: &peak)
    try members.read(.drops, into: &drops)
    try members.read(.momentum, into: &momentum)
    try members.read(.weightDecay, into: &weightDecay)
    try members.read(.seed, into: &seed)
  }
}

/// How networks are computed.
public struct EngineSettings: Sendable, Hashable, Codable {
  /// Whether convolutions are computed by the direct algorithm only, which is slower.
  public var exact = false
  /// How many threads to use; one for each processor by default.
  public var threads: Int?
  /// The file of an earlier record whose algorithms are used again, so that it repeats bit for bit.
  public var algorithms: String?

  /// Nothing is said.
  public init() {}

  /// Makes sure that the settings go together.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    if let threads, !(1...1024 ~= threads) {
      throw StudyError("\(Setting.threads) is \(threads); expected 1 to 1024")
    }
    if exact, algorithms != nil {
      throw StudyError(
        "\(Setting.exact) and \(Setting.algorithms) exclude each other; expected one of them")
    }
  }

  /// Makes sure that nothing is said of networks where none runs here.
  ///
  /// - Throws: `StudyError` that names the option.
  func check(isUsed: Bool, by model: String) throws {
    guard !isUsed, let option = exact ? Setting.exact : algorithms.map({ _ in .algorithms }) else {
      return
    }
    throw StudyError("\(option) is about networks that run here, but \(model) is a remote model")
  }

  /// Limits the threads, and says how algorithms are to be chosen.
  ///
  /// - Throws: `StudyError` or an error of the file that names it.
  package func apply() throws -> Algorithms.Policy {
    if let threads { EngineThread.shared.limit(threads: threads) }
    if let algorithms {
      return try Setting.algorithms.reading(algorithms) {
        .recorded(try EngineRecord.algorithms(inResult: algorithms))
      }
    }
    return exact ? .exact : .fastest
  }
}
extension EngineSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case exact, threads, algorithms
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.exact, into: &exact)
    try members.read(.threads, into: &threads)
    try members.read(.algorithms, into: &algorithms)
  }
}
