extension AttackRunner {
  /// Finds at which of some radii each problem is first broken.
  ///
  /// The radii are tried from the smallest on, each only on what held so far: an input inside a
  /// ball is inside every larger one. So the share that holds never rises with the radius, and
  /// larger radii cost less.
  ///
  /// - Parameters:
  ///   - attack: The attack.
  ///   - radii: The radii, in ascending order.
  ///   - count: The number of problems.
  ///   - progress: Called with the number of radii done.
  ///   - problem: The problem of a position, `0..<count`, within a radius.
  /// - Returns: For each position the first radius at which it was broken and what broke it; `nil`
  ///   where it held at all of them.
  /// - Throws: What `run` and `problem` throw.
  public func breakages(
    by attack: any Attack, radii: [Double], count: Int, progress: (Int) -> Void = { _ in },
    problem: (_ position: Int, _ radius: Double) throws -> Problem
  ) async throws -> [Breakage?] {
    precondition(zip(radii, radii.dropFirst()).allSatisfy { $0 < $1 }, "radii must ascend")
    var breakages = [Breakage?](repeating: nil, count: count)
    for (done, radius) in radii.enumerated() {
      let holding = breakages.indices.filter { breakages[$0] == nil }
      let problems = try holding.map { try problem($0, radius) }
      let outcomes = problems.isEmpty ? [] : try await run(attack, on: problems)
      for (position, outcome) in zip(holding, outcomes) where !outcome.robust {
        // Without an adversarial example the example needs none.
        breakages[position] = Breakage(
          radius: outcome.adversarialExample == nil ? 0 : radius,
          adversarialExample: outcome.adversarialExample)
      }
      progress(done + 1)
    }
    return breakages
  }

  /// Narrows down by bisection the radii at which problems are broken.
  ///
  /// - Parameters:
  ///   - breakages: One for each problem; those without an adversarial example stay.
  ///   - attack: The attack.
  ///   - rounds: How often to halve the interval between the largest radius at which the attack
  ///     failed, at first 0, and the distance of the nearest adversarial example.
  ///   - problem: The problem of a position in `breakages` within a radius.
  /// - Returns: The nearest adversarial example found for each, with its distance as the radius.
  /// - Throws: What `run` and `problem` throw.
  public func narrowed(
    _ breakages: [Breakage], by attack: any Attack, rounds: Int,
    problem: (_ position: Int, _ radius: Double) throws -> Problem
  ) async throws -> [Breakage] {
    var nearest = breakages.map { breakage in
      Breakage(
        radius: breakage.adversarialExample.map { min($0.distance, breakage.radius) } ?? 0,
        adversarialExample: breakage.adversarialExample)
    }
    var failed = [Double](repeating: 0, count: breakages.count)
    let positions = nearest.indices.filter { nearest[$0].adversarialExample != nil }
    guard !positions.isEmpty else { return nearest }
    for _ in 0..<rounds {
      let middles = positions.map { (failed[$0] + nearest[$0].radius) / 2 }
      let problems = try zip(positions, middles).map { try problem($0, $1) }
      let outcomes = try await run(attack, on: problems)
      for ((position, middle), outcome) in zip(zip(positions, middles), outcomes) {
        if let adversarialExample = outcome.adversarialExample {
          nearest[position] = Breakage(
            radius: min(adversarialExample.distance, middle), adversarialExample: adversarialExample
          )
        } else {
          failed[position] = middle
        }
      }
    }
    return nearest
  }
}

/// The smallest radius at which an example was seen to be broken.
public struct Breakage: Sendable, Hashable {
  /// The radius; 0 where the goal is reached without any change.
  public let radius: Double

  /// What breaks it; `nil` where no change is needed.
  public let adversarialExample: AdversarialExample?

  /// Creates a breakage.
  public init(radius: Double, adversarialExample: AdversarialExample?) {
    self.radius = radius
    self.adversarialExample = adversarialExample
  }
}
