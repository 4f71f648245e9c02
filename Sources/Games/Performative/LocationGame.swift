import Platform

/// A learner of one number against a population whose mean m follows it: m = f(theta), with a loss in theta and m.
///
/// The population is a player that wants its mean at f(theta). A stable point is where neither has a reason to move; an
/// optimal point is where the learner would go if it knew that the mean follows.
public struct LocationGame: Sendable {
  /// The name.
  public let name: String
  /// The loss and the mean, in words.
  public let summary: String
  /// Where retraining is at rest, in closed form.
  public let stable: Double
  /// Where the learner's cost is least, given that the mean follows, in closed form or to all digits.
  public let optimal: Double
  /// The factor by which exact retraining changes the distance to the stable point; `nil` where the loss has no minimum
  /// in theta, so that only gradient steps are possible.
  public let factor: Double?
  /// A step size at which gradient steps of both kinds come to rest.
  public let stepSize: Double
  /// Where both kinds of steps begin.
  public let start: Double

  let loss: @Sendable (_ theta: Double, _ mean: Double) -> Double
  let slope: @Sendable (_ theta: Double, _ mean: Double) -> Double
  let meanSlope: @Sendable (_ theta: Double, _ mean: Double) -> Double
  let mean: @Sendable (_ theta: Double) -> Double
  let best: (@Sendable (_ mean: Double) -> Double)?

  /// The game of learner and population.
  public var game: Game {
    Game(
      name, order: .retraining,
      players: [LocationLearner(family: self), Population(family: self)])
  }

  /// The families with closed forms.
  ///
  /// Those from `linear` on are of Izzo, Ying and Zou, "How to learn when data reacts to your model: performative
  /// gradient descent", 2021, https://arxiv.org/abs/2102.07698, with the numbers of
  /// https://github.com/wearepal/performativeGYM.
  public static let families: [LocationGame] = [
    meanEstimation(center: 10, strength: 0.9), quadratic(gamma: 1, beta: 2, strength: 0.4),
    quadratic(gamma: 1, beta: 2, strength: -0.7, named: "overshooting"),
    LocationGame(
      name: "linear", summary: "loss theta z, mean 5 + theta", stable: -5, optimal: -2.5,
      factor: nil, stepSize: 0.1, start: 0, loss: { $0 * $1 }, slope: { $1 },
      meanSlope: { theta, _ in theta }, mean: { 5 + $0 }, best: nil),
    LocationGame(
      name: "root", summary: "loss theta z, mean sqrt(5 + theta)", stable: -5,
      optimal: -10.0 / 3, factor: nil, stepSize: 0.02, start: 0, loss: { $0 * $1 },
      slope: { $1 }, meanSlope: { theta, _ in theta },
      mean: { max(0, 5 + $0).squareRoot() }, best: nil),
    LocationGame(
      name: "pricing", summary: "loss -theta z, demand 9 - 2 theta", stable: 4.5, optimal: 2.25,
      factor: nil, stepSize: 0.1, start: 1, loss: { -$0 * $1 }, slope: { -$1 },
      meanSlope: { theta, _ in -theta }, mean: { 9 - 2 * $0 }, best: nil),
    LocationGame(
      name: "cosine", summary: "loss cos(theta) z, mean theta", stable: Double.pi,
      optimal: 3.425_618_459_481_728, factor: nil, stepSize: 0.1, start: 2.5,
      loss: { cos($0) * $1 }, slope: { -sin($0) * $1 }, meanSlope: { theta, _ in cos(theta) },
      mean: { $0 }, best: nil),
  ]

  /// The mean of a normal law that moves with what is announced: loss (theta - z)^2 / 2, mean mu + eps theta.
  public static func meanEstimation(center: Double, strength: Double) -> LocationGame {
    let stable = center / (1 - strength)
    return LocationGame(
      name: "mean",
      summary: "loss (theta - z)^2 / 2, mean \(words(center)) + \(words(strength)) theta",
      stable: stable, optimal: stable, factor: strength,
      stepSize: 1, start: 0, loss: { ($0 - $1) * ($0 - $1) / 2 }, slope: { $0 - $1 },
      meanSlope: { $1 - $0 }, mean: { center + strength * $0 }, best: { $0 })
  }

  /// The loss on which the bound of retraining is tight: gamma / 2 (theta - beta / gamma z)^2, z = 1 + eps theta.
  ///
  /// Retraining converges exactly for |eps| < gamma / beta.
  public static func quadratic(
    gamma: Double, beta: Double, strength: Double, named name: String = "quadratic"
  ) -> LocationGame {
    let ratio = beta / gamma
    let factor = strength * ratio
    let stable = ratio / (1 - factor)
    return LocationGame(
      name: name,
      summary:
        "loss gamma/2 (theta - beta/gamma z)^2, z = 1 \(strength < 0 ? "-" : "+") \(words(abs(strength))) theta, beta/gamma \(words(ratio))",
      stable: stable, optimal: stable, factor: factor,
      stepSize: 0.5 / (gamma * max(1, (1 - factor) * (1 - factor))), start: 0,
      loss: { gamma / 2 * ($0 - ratio * $1) * ($0 - ratio * $1) },
      slope: { gamma * ($0 - ratio * $1) }, meanSlope: { -beta * ($0 - ratio * $1) },
      mean: { 1 + strength * $0 }, best: { ratio * $0 })
  }
}

/// A number without a decimal point where it is whole.
private func words(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}

private struct LocationLearner: MixtureLearner {
  let family: LocationGame
  let name = "learner"
  let size = 1
  var objective: String { family.summary }

  func cost(at profile: Profile) -> Double { family.loss(profile[0][0], profile[1][0]) }

  func gradient(along place: Int, at profile: Profile) -> [Double] {
    [(place == 0 ? family.slope : family.meanSlope)(profile[0][0], profile[1][0])]
  }

  func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    family.best.map { [$0(profile[1][0])] }
  }

  /// Of losses that are quadratic in the mean, the mean of a mixture tells all.
  func bestResponse(toMixture parts: [(weight: Double, profile: Profile)]) throws -> [Double] {
    guard let best = family.best else {
      throw GameError("\(family.name): the loss has no minimum; expected gradient steps")
    }
    return [best(parts.reduce(0) { $0 + $1.weight * $1.profile[1][0] })]
  }
}

private struct Population: Player {
  let family: LocationGame
  let name = "population"
  let size = 1
  let objective = "(m - f(theta))^2 / 2"

  func cost(at profile: Profile) -> Double {
    let rest = profile[1][0] - family.mean(profile[0][0])
    return rest * rest / 2
  }

  func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    [family.mean(profile[0][0])]
  }

  func gradient(along place: Int, at profile: Profile) -> [Double] {
    let rest = profile[1][0] - family.mean(profile[0][0])
    return [place == 1 ? rest : -rest * meanSlope(profile[0][0])]
  }

  func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] {
    switch (place, moved) {
    case (1, 1): return direction
    case (0, 0):
      // Only a leader that is a follower would ask; differences tell.
      let width = 1e-5
      let slopes = [width, -width].map { step in
        gradient(along: 0, at: [[profile[0][0] + step], profile[1]])[0]
      }
      return [(slopes[0] - slopes[1]) / (2 * width) * direction[0]]
    default: return [-meanSlope(profile[0][0]) * direction[0]]
    }
  }

  private func meanSlope(_ theta: Double) -> Double {
    let width = cbrt(Double.ulpOfOne) * max(1, abs(theta))
    return (family.mean(theta + width) - family.mean(theta - width)) / (2 * width)
  }
}
