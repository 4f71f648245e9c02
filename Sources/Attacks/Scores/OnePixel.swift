public import Robustness
import Tensors

/// The one-pixel attack: differential evolution of a few pixels, by L0 (pixels), from scores.
///
/// A candidate is a place and a colour for each of k pixels. Every generation makes a child of each candidate, c =
/// a + F (b - d) with a, b and d three different candidates drawn at random and F = 0.5, without crossover; it
/// takes its parent's place if the margin of the goal there is no smaller. Places beyond the edge come in on the
/// other side, colours stop at their bounds. Colours begin normal around the middle of their range, with a quarter
/// of it as deviation, places uniform.
///
/// Su, Vargas and Sakurai, "One pixel attack for fooling deep neural networks", 2019,
/// https://arxiv.org/abs/1710.08864.
///
/// Cost: `population` forwards for the first candidates and for each generation, asked at once; fewer where one
/// succeeds. Guarantee: none.
public struct OnePixel: ScoreAttack {
  /// The name on the command line.
  public static let name = "one-pixel"

  /// The number of pixels; `nil` for as many as the threat allows.
  public var pixels: Int?
  /// The number of candidates, at least 4.
  public var population: Int
  /// The number of generations.
  public var steps: Int

  /// Creates the attack.
  public init(pixels: Int? = nil, population: Int = 400, steps: Int = 100) {
    self.pixels = pixels
    self.population = max(population, 4)
    self.steps = steps
  }

  /// The population, once and for each generation.
  public var budget: Passes { Passes(forward: population * (steps + 1)) }

  /// Lets the population evolve.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    guard problem.threat.norm == .zero else {
      throw AttackError.norm(problem.threat.norm, attack: Self.name, known: [.zero])
    }
    let region = try problem.region
    let places = PlacedColours(region)
    let count = min(pixels ?? Int.max, Int(min(region.radius, Double(places.pixels.count))))
    guard count > 0 else { return Candidate(region.center) }
    var randomness = oracle.randomness("evolution")
    var members = (0..<population).map { _ in places.random(count, using: &randomness) }
    var margins = [Double](repeating: -.infinity, count: population)
    var children = members
    for generation in 0...steps {
      let points = children.map(places.point)
      for (index, answer) in zip(points.indices, try await oracle.scores(at: points)) {
        if answer.reachesGoal { return Candidate(points[index]) }
        guard answer.margin >= margins[index] else { continue }
        (members[index], margins[index]) = (children[index], answer.margin)
      }
      guard generation < steps else { break }
      children = members.map { _ in
        let (a, b, d) = OnePixel.three(of: population, using: &randomness)
        return places.wrapped(
          members[a].indices.map { members[a][$0] + 0.5 * (members[b][$0] - members[d][$0]) })
      }
    }
    let best = margins.indices.max { margins[$0] < margins[$1] } ?? 0
    return Candidate(places.point(of: members[best]))
  }

  /// Three different numbers below a bound of at least three.
  private static func three(
    of count: Int, using randomness: inout Philox
  ) -> (Int, Int, Int) {
    let first = randomness.integer(below: count)
    var second = first
    while second == first { second = randomness.integer(below: count) }
    var third = first
    while third == first || third == second { third = randomness.integer(below: count) }
    return (first, second, third)
  }
}
