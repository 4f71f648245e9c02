/// Who moves when.
public enum MoveOrder: String, Sendable, Hashable, Codable, CaseIterable {
  /// All at once.
  case simultaneous
  /// One after the other, each knowing what those before chose.
  case alternating
  /// The first player chooses knowing how the others will answer (Stackelberg).
  case leader
  /// The first player, a learner, is trained again and again on what the others did in answer to it.
  case retraining

  /// The order in words.
  public var words: String {
    switch self {
    case .simultaneous: "at once"
    case .alternating: "in turn"
    case .leader: "leader, then followers"
    case .retraining: "repeated retraining"
    }
  }
}

/// Several players, each with a cost, and who moves when.
///
/// Learning has one player and one cost; in a game the costs of several pull at the same outcome. Adversarial
/// training, a generator against its critic, people who adapt to a model and a model that is trained again on
/// what they did are all games of this one type.
public struct Game: Sendable {
  /// What the game is called.
  public let name: String
  /// The players, at least one; their places are the indices.
  public let players: [any Player]
  /// Who moves when.
  public let order: MoveOrder

  private let joint: (@Sendable (Profile) async throws -> Profile)?

  /// Creates a game.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - order: Who moves when.
  ///   - players: The players; traps unless there are some.
  ///   - gradients: All players' own gradients at once, where that is cheaper than one after the other, such as by a
  ///     single pass of a network.
  public init(
    _ name: String, order: MoveOrder = .simultaneous, players: [any Player],
    gradients: (@Sendable (Profile) async throws -> Profile)? = nil
  ) {
    precondition(!players.isEmpty, "a game without players")
    self.name = name
    self.order = order
    self.players = players
    joint = gradients
  }

  /// The middle of every player's domain.
  public var center: Profile { players.map { $0.domain.center(size: $0.size) } }

  /// Makes sure that a profile is one of this game.
  ///
  /// - Throws: `GameError` that names the player whose numbers do not fit.
  public func check(_ profile: Profile) throws(GameError) {
    guard profile.count == players.count else {
      throw GameError("\(name): choices of \(profile.count) players; expected \(players.count)")
    }
    for (player, choice) in zip(players, profile) {
      guard choice.count == player.size else {
        throw GameError(
          "\(name): \(player.name) chooses \(choice.count) numbers; expected \(player.size)")
      }
      guard choice.allSatisfy(\.isFinite) else {
        throw GameError(
          "\(name): \(player.name) has chosen a number that is not finite; expected finite ones")
      }
    }
  }

  /// Each player's cost.
  public func costs(at profile: Profile) async throws -> [Double] {
    var costs: [Double] = []
    for player in players { costs.append(try await player.cost(at: profile)) }
    return costs
  }

  /// The gradient of each player's cost with respect to its own numbers: the game's field.
  public func gradients(at profile: Profile) async throws -> Profile {
    if let joint { return try await joint(profile) }
    var gradients: Profile = []
    for (place, player) in players.enumerated() {
      gradients.append(try await player.gradient(along: place, at: profile))
    }
    return gradients
  }

  /// How the field changes as all players move: its Jacobian times a vector.
  ///
  /// - Parameters:
  ///   - direction: How each player's numbers move; those of players that stay are all zero.
  ///   - profile: Where the field is.
  /// - Returns: The change of each player's own gradient.
  /// - Throws: What players throw.
  /// - Complexity: A product of second derivatives for each pair of players, of which the second moves.
  public func jacobianProduct(
    with direction: Profile, at profile: Profile
  ) async throws -> Profile {
    var result: Profile = profile.map { [Double](repeating: 0, count: $0.count) }
    for (moved, step) in direction.enumerated() where step.contains(where: { $0 != 0 }) {
      for (place, player) in players.enumerated() {
        let change = try await player.hessianProduct(
          along: place, moving: moved, by: step, at: profile)
        result[place].add(change)
      }
    }
    return result
  }

  /// The transposed Jacobian of the field times a vector.
  ///
  /// Second derivatives are symmetric, so that it needs nothing but products with them.
  ///
  /// - Parameters:
  ///   - weights: A vector for each player's own gradient.
  ///   - profile: Where the field is.
  /// - Returns: The gradient of the weighted sum of all own gradients.
  /// - Throws: What players throw.
  /// - Complexity: A product of second derivatives for each pair of players.
  public func transposedJacobianProduct(
    with weights: Profile, at profile: Profile
  ) async throws -> Profile {
    var result: Profile = profile.map { [Double](repeating: 0, count: $0.count) }
    for (place, player) in players.enumerated() where weights[place].contains(where: { $0 != 0 }) {
      for other in players.indices {
        let change = try await player.hessianProduct(
          along: other, moving: place, by: weights[place], at: profile)
        result[other].add(change)
      }
    }
    return result
  }

  /// The nearest profile in which every player keeps to its domain.
  public func projection(of profile: Profile) -> Profile {
    zip(players, profile).map { $0.domain.projection(of: $1) }
  }
}
