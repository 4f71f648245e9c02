/// Where a solver is in a game: what all have chosen, and what the solver remembers.
public struct SolverState: Sendable, Hashable, Codable {
  /// What all have chosen.
  public var profile: Profile
  /// What the solver remembers, such as the last gradients: as many profiles as it asks for, zero at first.
  public var memory: [Profile]
  /// The number of steps made.
  public var steps: Int

  /// Creates a state before the first step.
  ///
  /// - Parameters:
  ///   - profile: What all have chosen.
  ///   - solver: Whose state it is.
  public init(_ profile: Profile, of solver: some Solver) {
    self.init(profile, memory: [Profile](repeating: profile.zeros, count: solver.memorySize))
  }

  /// Creates a state of its parts.
  public init(_ profile: Profile, memory: [Profile], steps: Int = 0) {
    self.profile = profile
    self.memory = memory
    self.steps = steps
  }
}

/// A rule by which all players of a game move, step after step.
///
/// A solver is a value that never changes; what it remembers is in its state, so that any step can be repeated.
public protocol Solver: Sendable {
  /// How many profiles it remembers from step to step.
  var memorySize: Int { get }

  /// Makes sure that the solver can play a game.
  ///
  /// - Throws: `GameError` that says what the game lacks.
  func check(_ game: Game) throws(GameError)

  /// Makes a step: every player moves once.
  ///
  /// - Parameters:
  ///   - state: Where the solver is, and afterwards, where it has come.
  ///   - game: The game, which may be another one in the next step.
  /// - Throws: What players throw.
  func advance(_ state: inout SolverState, in game: Game) async throws
}

extension Solver {
  /// Nothing.
  public var memorySize: Int { 0 }

  /// Every game will do.
  public func check(_ game: Game) throws(GameError) {}
}

extension Game {
  /// A step of gradient descent from one profile along gradients, back into all domains.
  func descended(from profile: Profile, along gradients: Profile, by step: Double) -> Profile {
    projection(of: profile.plus(gradients, times: -step))
  }

  /// Makes sure that every player but some says its best response.
  ///
  /// - Parameters:
  ///   - solver: What needs them, for the message.
  ///   - first: The first of the players that have to.
  /// - Throws: `GameError` that names the player who cannot; what players throw.
  func checkBestResponses(
    for solver: String, from first: Int = 0
  ) async throws {
    let profile = center
    for (place, player) in players.enumerated().dropFirst(first) {
      guard try await player.bestResponse(to: profile, at: place) != nil else {
        throw GameError(
          "\(name): \(solver) needs the best response of \(player.name), which it cannot say; expected another solver"
        )
      }
    }
  }
}
