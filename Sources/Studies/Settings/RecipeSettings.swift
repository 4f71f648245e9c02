import Optimizers
import Settings
package import Training

/// How to train.
public struct RecipeSettings: Sendable, Hashable, Codable {
  /// What the recipe that these settings come from is called: a built-in one or a file; `nil` without one.
  public var name: String?
  /// The shape of an input that the recipe is for, such as `1x28x28`; any by default.
  public var input: String?
  /// Number of passes over the data.
  public var epochs = 10
  /// Number of examples per step.
  public var batch = 100
  /// What is trained on: a method by its name, with values of its options, such as `trades:beta=6`; adversarial training
  /// where there is a threat, else plain training by default.
  public var method: String?
  /// Random changes of the examples, joined by commas, such as `crop:4,flip`; see `Augmentations`.
  public var augment = "none"
  /// The relative size of adversarial weight perturbations; none by default.
  public var weightPerturbation = 0.0
  /// The share of the target that is spread over all classes.
  public var labelSmoothing = 0.0
  /// A weight for each class, joined by commas, or `balanced`: the rarer, the heavier; equal ones by default.
  public var classWeights: String?
  /// The L2 norm to which a larger gradient is scaled down; none by default.
  public var gradientNorm: Double?
  /// How parameters follow their gradients: `adam`, `adamw` or `sgd`.
  public var optimizer = "adam"
  /// The largest learning rate; 0.005 for adam and 0.05 for sgd by default.
  public var rate: Double?
  /// The rate over time: `constant`, `steps`, `cyclic`, `cosine` or `linear`.
  public var schedule = "cyclic"
  /// Share of the training at which a cyclic rate is largest; 0.4 by default.
  public var peak: Double?
  /// Ascending shares of the training, joined by commas, after which a stepped rate is multiplied by the drop factor;
  /// `0.5,0.75` by default.
  public var drops: String?
  /// What a stepped rate is multiplied by; 0.1 by default.
  public var dropFactor: Double?
  /// The rate that a cosine ends at; 0 by default.
  public var floor: Double?
  /// What a linear rate goes through: shares of the training with shares of the rate, such as `0:0,0.4:1,1:0`.
  public var points: String?
  /// The first part of the training, over which the rate rises: a share below 1, or a number of steps; none by default.
  public var warmUp: String?
  /// Momentum of sgd; 0.9 by default.
  public var momentum: Double?
  /// Weight decay.
  public var weightDecay = 0.0
  /// Whether weight decay is also for biases and for what normalisations scale and shift by.
  public var decayVectors = true
  /// What of the parameters is the result: their average, `ema:0.999` of all steps or `swa:0.75` of the epochs from this
  /// share of the training on; the parameters themselves by default.
  public var average: String?
  /// Layers or parameters that are not trained, joined by commas; names or the beginnings of these up to a dot.
  public var freeze: String?
  /// The part of the training set that is held out to select the best epoch.
  ///
  /// A share below 1, a number of examples, or `none`. By default a twentieth, at most 2000 examples, where there is an
  /// adversary or a bound and that is at least 100 examples.
  public var heldOut: String?
  /// How many of the examples held out, and of those of the validation, are attacked after each epoch.
  public var attacked = 500
  /// After how many epochs in succession without a better one training ends; never by default.
  public var patience: Int?
  /// The time after which training ends with what it has, such as `30m` or `2h`; none by default.
  public var time: String?
  /// What to do where training against a weak attack collapses: `stop`, `rewind` or `continue`.
  public var onCollapse = "stop"
  /// How many of the last epochs have their networks kept, in files of their own.
  public var keep = 0
  /// Determines the first parameters, the order of the examples and all other chance.
  public var seed: UInt64 = 0

  /// The standard recipe.
  public init() {}

  /// Makes sure that each setting has a value that it can have.
  ///
  /// - Throws: `StudyError` that names the setting, `MethodError` or `AugmentationError`.
  package func check() throws {
    try require(1...1_000_000 ~= epochs, .epochs, "\(epochs)", "1 to 1000000")
    try require(1...4096 ~= batch, .batch, "\(batch)", "1 to 4096")
    if let rate { try require(rate > 0 && rate.isFinite, .rate, "\(rate)", "a positive number") }
    if let peak { try require(0..<1 ~= peak, .peak, "\(peak)", "0 to below 1") }
    if let floor {
      try require(floor >= 0 && floor.isFinite, .floor, "\(floor)", "0 or more")
    }
    if let dropFactor {
      try require(
        dropFactor > 0 && dropFactor < 1, .dropFactor, "\(dropFactor)", "a number between 0 and 1")
    }
    if let momentum { try require(0..<1 ~= momentum, .momentum, "\(momentum)", "0 to below 1") }
    try require(
      weightDecay >= 0 && weightDecay.isFinite, .weightDecay, "\(weightDecay)", "0 or more")
    try require(
      0...1 ~= weightPerturbation, .weightPerturbation, "\(weightPerturbation)", "0 to 1")
    try require(0..<1 ~= labelSmoothing, .labelSmoothing, "\(labelSmoothing)", "0 to below 1")
    if let gradientNorm {
      try require(
        gradientNorm > 0 && gradientNorm.isFinite, .gradientNorm, "\(gradientNorm)",
        "a positive number")
    }
    try require(0...1_000_000 ~= attacked, .attacked, "\(attacked)", "0 to 1000000")
    if let patience { try require(patience >= 1, .patience, "\(patience)", "1 or more") }
    try require(0...10_000 ~= keep, .keep, "\(keep)", "0 to 10000")
    try choose(optimizer, .optimizer, among: RecipeSettings.optimizers)
    try choose(schedule, .schedule, among: RecipeSettings.schedules)
    _ = try (reaction, dropShares, linearPoints, span, averageRule, classWeightNumbers)
    _ = try (share, duration, inputExtents, augmentations)
    if let method { _ = try MethodCatalogue.read(method) }
  }

  /// Makes sure that the settings go with one another.
  ///
  /// - Throws: `StudyError` that names the setting.
  func checkTogether() throws { _ = try (makeOptimizer(), makeSchedule()) }

  /// The recipe, against an adversary if there is one.
  ///
  /// - Parameters:
  ///   - adversary: Who the network is trained against.
  ///   - threat: The threat in words.
  ///   - isAttackGiven: Whether the attack was chosen, not left to its standard.
  ///   - labels: The classes of the examples, for balanced weights; `nil` before they are known.
  ///   - classCount: How many classes the network tells apart; `nil` before that is known.
  ///   - helper: Loads the network that the method's option names.
  /// - Returns: The recipe.
  /// - Throws: `StudyError` or `MethodError`.
  package func recipe(
    _ adversary: Recipe.Adversary?, within threat: String = "", isAttackGiven: Bool = false,
    labels: [Int]? = nil, classCount: Int? = nil,
    helper: @escaping (String) throws -> MethodHelper = { throw MethodError.noHelper($0) }
  ) throws -> Recipe {
    var training = try MethodCatalogue.method(
      method ?? (adversary == nil ? "plain" : "adversarial"), against: adversary,
      threatWords: threat, isAttackGiven: isAttackGiven, helper: helper)
    if weightPerturbation > 0 {
      training = AdversarialWeightPerturbation(training, gamma: weightPerturbation)
    }
    var recipe = Recipe(
      epochs: epochs, batchSize: batch, optimizer: try makeOptimizer(),
      schedule: try makeSchedule(), seed: seed, method: training)
    recipe.entropy.labelSmoothing = labelSmoothing
    recipe.entropy.classWeights = try weights(of: labels, classCount: classCount)
    recipe.largestGradientNorm = gradientNorm
    recipe.decaysVectors = decayVectors
    recipe.augmentations = try augmentations
    recipe.average = try averageRule
    recipe.frozen = freeze.map(RecipeSettings.list) ?? []
    recipe.reaction = try reaction
    recipe.patience = patience
    return recipe
  }

  /// The learning rate where none is given.
  package static func standardRate(of optimizer: String) -> Double {
    optimizer == "sgd" ? 0.05 : 0.005
  }

  private func makeOptimizer() throws -> any Optimizer {
    if momentum != nil, optimizer != "sgd" {
      throw StudyError(
        "\(Setting.momentum) applies only to \(Setting.optimizer) sgd, not to \(optimizer)")
    }
    try choose(optimizer, .optimizer, among: RecipeSettings.optimizers)
    return switch optimizer {
    case "adam": Adam(weightDecay: weightDecay)
    case "adamw": AdamW(weightDecay: weightDecay)
    default: SGD(momentum: momentum ?? 0.9, weightDecay: weightDecay)
    }
  }

  private func makeSchedule() throws -> Schedule {
    for (setting, isGiven, own) in [
      (Setting.peak, peak != nil, "cyclic"), (.drops, drops != nil, "steps"),
      (.dropFactor, dropFactor != nil, "steps"), (.floor, floor != nil, "cosine"),
      (.points, points != nil, "linear"),
    ] where isGiven && schedule != own {
      throw StudyError("\(setting) applies only to \(Setting.schedule) \(own), not to \(schedule)")
    }
    try choose(schedule, .schedule, among: RecipeSettings.schedules)
    let rate = rate ?? RecipeSettings.standardRate(of: optimizer)
    let whole: Schedule
    switch schedule {
    case "constant": whole = .constant(rate: rate)
    case "cyclic": whole = .cyclic(rate: rate, peak: peak ?? 0.4)
    case "cosine":
      let floor = floor ?? 0
      try require(floor <= rate, .floor, "\(floor)", "at most the \(Setting.rate) \(rate)")
      whole = .cosine(rate: rate, floor: floor)
    case "linear":
      guard let points = try linearPoints else {
        throw StudyError(
          "\(Setting.schedule) is linear; expected \(Setting.points) as well, such as 0:0,0.4:1,1:0"
        )
      }
      whole = .linear(through: points.map { .init(share: $0.share, rate: $0.factor * rate) })
    default:
      whole = .steps(rate: rate, at: try dropShares ?? [0.5, 0.75], factor: dropFactor ?? 0.1)
    }
    return try span.map { .warmUp(over: $0, whole) } ?? whole
  }
}

extension RecipeSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, input, epochs, batch, method, augment, weightPerturbation, labelSmoothing
    case classWeights, gradientNorm, optimizer, rate, schedule, peak, drops, dropFactor, floor
    case points, warmUp, momentum, weightDecay, decayVectors, average, freeze, heldOut, attacked
    case patience, time, onCollapse, keep, seed
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.name, into: &name)
    try members.read(.input, into: &input)
    try members.read(.epochs, into: &epochs)
    try members.read(.batch, into: &batch)
    try members.read(.method, into: &method)
    try members.read(.augment, into: &augment)
    try members.read(.weightPerturbation, into: &weightPerturbation)
    try members.read(.labelSmoothing, into: &labelSmoothing)
    try members.read(.classWeights, into: &classWeights)
    try members.read(.gradientNorm, into: &gradientNorm)
    try members.read(.optimizer, into: &optimizer)
    try members.read(.rate, into: &rate)
    try members.read(.schedule, into: &schedule)
    try members.read(.peak, into: &peak)
    try members.read(.drops, into: &drops)
    try members.read(.dropFactor, into: &dropFactor)
    try members.read(.floor, into: &floor)
    try members.read(.points, into: &points)
    try members.read(.warmUp, into: &warmUp)
    try members.read(.momentum, into: &momentum)
    try members.read(.weightDecay, into: &weightDecay)
    try members.read(.decayVectors, into: &decayVectors)
    try members.read(.average, into: &average)
    try members.read(.freeze, into: &freeze)
    try members.read(.heldOut, into: &heldOut)
    try members.read(.attacked, into: &attacked)
    try members.read(.patience, into: &patience)
    try members.read(.time, into: &time)
    try members.read(.onCollapse, into: &onCollapse)
    try members.read(.keep, into: &keep)
    try members.read(.seed, into: &seed)
  }
}
