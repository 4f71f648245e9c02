import Robustness

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
