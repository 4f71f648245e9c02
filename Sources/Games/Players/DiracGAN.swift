import Platform

/// The smallest generative adversarial network: one number theta generates, one number psi tells it from zero.
///
/// The data are a point at 0, the generator's a point at theta, and the critic's score of x is psi x. Mescheder, Geiger
/// and Nowozin, "Which training methods for GANs do actually converge?", 2018, https://arxiv.org/abs/1801.04406. Near
/// rest it is the bilinear game with the singular value 1/2, or 1 for Wasserstein's cost, so that all of its rates are
/// known.
public enum DiracGAN: String, Sendable, Hashable, Codable, CaseIterable {
  /// The generator lowers what the critic raises: log of the probabilities.
  case minimax
  /// The generator raises the probability that it is taken for data.
  case nonSaturating = "non-saturating"
  /// The critic's score itself.
  case wasserstein
  /// Minimax with a penalty of the critic's squared slope on data, R1, which lets plain steps come to rest.
  case penalized

  /// The weight of the penalty.
  public static let penalty = 1.0

  /// The singular value of the bilinear game that it is near rest.
  public var sigma: Double { self == .wasserstein ? 1 : 0.5 }

  /// The costs in words.
  public var summary: String {
    switch self {
    case .minimax: "both by log(1 + exp(-psi theta))"
    case .nonSaturating: "the generator by log(1 + exp(-psi theta)) of its own"
    case .wasserstein: "both by psi theta"
    case .penalized: "minimax, and psi^2 / 2 for the critic"
    }
  }

  /// The game of generator and critic.
  public var game: Game {
    Game(
      "dirac-gan",
      players: [DiracPlayer(form: self, isCritic: false), DiracPlayer(form: self, isCritic: true)])
  }
}

private struct DiracPlayer: Player {
  let form: DiracGAN
  let isCritic: Bool
  let size = 1

  var name: String { isCritic ? "critic" : "generator" }

  var objective: String { form.summary }

  func cost(at profile: Profile) -> Double {
    let (theta, psi) = (profile[0][0], profile[1][0])
    let score = psi * theta
    return switch (form, isCritic) {
    case (.wasserstein, _): isCritic ? score : -score
    case (.nonSaturating, false): Self.softplus(-score)
    case (.penalized, true): Self.softplus(score) + DiracGAN.penalty * psi * psi / 2
    case (_, true): Self.softplus(score)
    case (_, false): -Self.softplus(score)
    }
  }

  func gradient(along place: Int, at profile: Profile) -> [Double] {
    let (theta, psi) = (profile[0][0], profile[1][0])
    let other = place == 0 ? psi : theta
    let slope = slope(psi * theta) * other
    return [slope + (form == .penalized && isCritic && place == 1 ? DiracGAN.penalty * psi : 0)]
  }

  func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] {
    let (theta, psi) = (profile[0][0], profile[1][0])
    let score = psi * theta
    var value =
      place == moved
      ? curvature(score) * (place == 0 ? psi * psi : theta * theta)
      : slope(score) + score * curvature(score)
    if form == .penalized, isCritic, place == 1, moved == 1 { value += DiracGAN.penalty }
    return [value * direction[0]]
  }

  /// The derivative of the cost by the score, without the penalty.
  private func slope(_ score: Double) -> Double {
    switch (form, isCritic) {
    case (.wasserstein, _): isCritic ? 1 : -1
    case (.nonSaturating, false): -Self.sigmoid(-score)
    case (_, true): Self.sigmoid(score)
    case (_, false): -Self.sigmoid(score)
    }
  }

  private func curvature(_ score: Double) -> Double {
    let part = Self.sigmoid(score) * Self.sigmoid(-score)
    return switch (form, isCritic) {
    case (.wasserstein, _): 0
    case (.nonSaturating, false), (_, true): part
    case (_, false): -part
    }
  }

  private static func softplus(_ value: Double) -> Double {
    max(value, 0) + log1p(exp(-abs(value)))
  }

  private static func sigmoid(_ value: Double) -> Double {
    let small = exp(-abs(value))
    return value >= 0 ? 1 / (1 + small) : small / (1 + small)
  }
}
