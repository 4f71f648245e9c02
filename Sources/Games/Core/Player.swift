import Platform

/// What all players have chosen: for each of them, in the order of the game, its numbers.
public typealias Profile = [[Double]]

/// One who chooses numbers so as to lower a cost that depends on what everybody chose.
///
/// The numbers are parameters of a model, the probabilities of actions, or the features of many people.
/// A cost is all that a player must have: gradients and their changes are finite differences unless the player
/// knows better, and may come from elsewhere, such as an engine on another thread.
public protocol Player: Sendable {
  /// What the player is called.
  var name: String { get }

  /// The cost in words or as a formula, as tables have it.
  var objective: String { get }

  /// How many numbers the player chooses, at least one.
  var size: Int { get }

  /// Where the numbers may lie; everywhere unless told otherwise.
  var domain: Domain { get }

  /// The player's cost.
  ///
  /// - Parameter profile: What all have chosen.
  /// - Returns: The cost, which the player wants to be low.
  /// - Throws: What keeps the player from saying.
  func cost(at profile: Profile) async throws -> Double

  /// The gradient of this player's cost with respect to what one of all players has chosen.
  ///
  /// - Parameters:
  ///   - place: The place of the player whose numbers vary.
  ///   - profile: What all have chosen.
  /// - Returns: As many numbers as that player chooses; by default central differences of the cost.
  /// - Throws: What keeps the player from saying.
  func gradient(along place: Int, at profile: Profile) async throws -> [Double]

  /// The product of a block of the second derivatives of this player's cost with a vector.
  ///
  /// - Parameters:
  ///   - place: The place of the player along whose numbers the gradient is taken.
  ///   - moved: The place of the player whose numbers move.
  ///   - direction: How they move, as many numbers as that player chooses.
  ///   - profile: What all have chosen.
  /// - Returns: As many numbers as the first of both chooses; by default central differences of the gradient.
  /// - Throws: What keeps the player from saying.
  func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) async throws -> [Double]

  /// What costs the player least while all others keep to what they chose.
  ///
  /// - Parameters:
  ///   - profile: What all have chosen.
  ///   - place: The player's own place.
  /// - Returns: The best numbers; `nil` where the player cannot say.
  /// - Throws: What keeps the player from finding them.
  func bestResponse(to profile: Profile, at place: Int) async throws -> [Double]?
}

extension Player {
  /// Everywhere.
  public var domain: Domain { .unbounded }

  /// Central differences of the cost: two costs for each number, about ten digits.
  public func gradient(along place: Int, at profile: Profile) async throws -> [Double] {
    var moved = profile
    var gradient: [Double] = []
    for (index, value) in profile[place].enumerated() {
      let width = cbrt(Double.ulpOfOne) * max(1, abs(value))
      moved[place][index] = value + width
      let above = try await cost(at: moved)
      moved[place][index] = value - width
      let below = try await cost(at: moved)
      moved[place][index] = value
      gradient.append((above - below) / (2 * width))
    }
    return gradient
  }

  /// Central differences of the gradient: two gradients, about ten digits; about five where the gradient is itself a
  /// difference.
  public func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) async throws -> [Double] {
    let length = direction.norm
    guard length > 0 else { return [Double](repeating: 0, count: profile[place].count) }
    let width = cbrt(Double.ulpOfOne) * max(1, profile[moved].norm) / length
    var other = profile
    other[moved] = profile[moved].plus(direction, times: width)
    let above = try await gradient(along: place, at: other)
    other[moved] = profile[moved].plus(direction, times: -width)
    let below = try await gradient(along: place, at: other)
    return above.plus(below, times: -1).scaled(by: 1 / (2 * width))
  }

  /// Nobody's: the player cannot say.
  public func bestResponse(to profile: Profile, at place: Int) async throws -> [Double]? { nil }
}
