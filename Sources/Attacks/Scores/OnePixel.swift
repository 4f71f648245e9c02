public import Robustness
import Tensors

/// The one-pixel attack: differential evolution of a few pixels, by L0 (pixels), from scores.
///
/// A candidate is a place and a colour for each of k pixels. Every generation makes a child of each candidate,
/// best + F (a - b) with a and b two different candidates drawn at random and F = 0.5, without crossover; it
/// takes its parent's place if the margin of the goal there is no smaller. The paper's children begin at a third candidate
/// drawn at random; around the best one two to three times as many examples are broken by 20 generations. Places beyond the
/// edge come in on the other side, colours stop at their bounds. Places begin uniform, colours at either end of their range.
///
/// Su, Vargas and Sakurai, "One pixel attack for fooling deep neural networks", 2019,
/// https://arxiv.org/abs/1710.08864.
///
/// Cost: `population` forwards for the first candidates and for each generation, asked at once; fewer where one
/// succeeds. Guarantee: none.
public struct OnePixel: ScoreAttack, ConfigurableAttack {
  /// The name on the command line.
  public static let name = "one-pixel"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.zero]

  /// The number of pixels; `nil` for as many as the threat allows.
  public var pixels: Int?
  /// The number of candidates, at least 2.
  public var population = 400
  /// The number of generations.
  public var steps = 100

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .integer("pixels", \.pixels, 1...1_000_000, "number of pixels", rule: .radii(1)),
    .integer("population", \.population, 4...1_000_000, "number of candidates"),
    .steps(\.steps),
  ]

  /// The population, once and for each generation.
  public var budget: Passes { Passes(forward: size * (steps + 1)) }

  /// Lets the population evolve.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    let places = PlacedColours(region)
    let count = min(pixels ?? Int.max, Int(min(region.radius, Double(places.pixels.count))))
    guard count > 0 else { return Candidate(region.center) }
    var randomness = oracle.randomness("evolution")
    var members = (0..<size).map { _ in places.random(count, using: &randomness) }
    var margins = [Double](repeating: -.infinity, count: size)
    var children = members
    for generation in 0...steps {
      let points = children.map(places.point)
      for (index, answer) in zip(points.indices, try await oracle.scores(at: points)) {
        if answer.reachesGoal { return Candidate(points[index]) }
        guard answer.margin >= margins[index] else { continue }
        (members[index], margins[index]) = (children[index], answer.margin)
      }
      guard generation < steps else { break }
      let best = members[OnePixel.first(of: margins)]
      children = members.map { _ in
        let (a, b) = OnePixel.two(of: members, using: &randomness)
        return places.wrapped(best.indices.map { best[$0] + 0.5 * (a[$0] - b[$0]) })
      }
    }
    return Candidate(places.point(of: members[OnePixel.first(of: margins)]))
  }

  /// The number of candidates; a child needs two of them.
  private var size: Int { max(population, 2) }

  /// The place of the largest margin.
  private static func first(of margins: [Double]) -> Int {
    margins.indices.max { margins[$0] < margins[$1] } ?? 0
  }

  /// Two different members.
  private static func two(
    of members: [[Float]], using randomness: inout Philox
  ) -> ([Float], [Float]) {
    let first = randomness.integer(below: members.count)
    let second = (first + 1 + randomness.integer(below: members.count - 1)) % members.count
    return (members[first], members[second])
  }
}
