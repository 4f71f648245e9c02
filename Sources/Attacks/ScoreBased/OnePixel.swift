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

/// Pixels as the numbers that `OnePixel` lets evolve: row, column and one number from 0 to 1 per channel, for each.
struct PlacedColours {
  let pixels: Pixels
  private let region: any FeasibleSet
  private let rows: Int
  private let columns: Int

  init(_ region: any FeasibleSet) {
    self.region = region
    pixels = Pixels(region)
    let shape = region.center.shape
    (rows, columns) =
      shape.rank == 3 ? (shape.extents[1], shape.extents[2]) : (1, pixels.count)
  }

  private var size: Int { 2 + pixels.channels }

  /// Pixels anywhere, with each channel at an end of its range.
  func random(_ count: Int, using randomness: inout Philox) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count * size)
    for _ in 0..<count {
      numbers.append(Float(rows) * randomness.uniform())
      numbers.append(Float(columns) * randomness.uniform())
      for _ in 0..<pixels.channels {
        numbers.append(randomness.uniform() < 0.5 ? 0 : 1)
      }
    }
    return numbers
  }

  /// The numbers with places inside the picture and colours inside their range.
  func wrapped(_ numbers: [Float]) -> [Float] {
    var result = numbers
    for index in result.indices {
      let part = index % size
      let extent = Float(part == 0 ? rows : columns)
      if part < 2 {
        let turn = result[index] - extent * (result[index] / extent).rounded(.down)
        result[index] = turn < extent ? turn : 0
      } else {
        result[index] = min(max(result[index], 0), 1)
      }
    }
    return result
  }

  /// The example with these pixels in it.
  func point(of numbers: [Float]) -> Tensor<Float> {
    var point = region.center
    let (lower, upper) = (region.hull.lower, region.hull.upper)
    for start in stride(from: 0, to: numbers.count, by: size) {
      let row = min(Int(numbers[start]), rows - 1)
      let column = min(Int(numbers[start + 1]), columns - 1)
      for (channel, index) in pixels.indices(of: row * columns + column).enumerated() {
        let share = numbers[start + 2 + channel]
        let value = lower[index] * (1 - share) + upper[index] * share
        point[index] = min(max(value, lower[index]), upper[index])
      }
    }
    return point
  }
}
