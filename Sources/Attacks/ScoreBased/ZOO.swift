public import Robustness
import Tensors

/// Zeroth-order optimisation: Carlini and Wagner's L2 attack with slopes from differences, coordinate by coordinate.
///
/// Minimises ||z - x||_2^2 + c max(-m(z), 0), m the margin of the goal. Each step takes some random coordinates, asks
/// about z +- h e_i for each, and moves each by Adam with moments of its own. c is searched for by bisection: raised
/// tenfold until the goal is reached, then between what fails and what suffices.
///
/// Chen, Zhang, Sharma, Yi and Hsieh, "ZOO: zeroth order optimization based black-box attacks to deep neural networks
/// without training substitute models", 2017, https://arxiv.org/abs/1708.03999. Without the paper's change of
/// variables, reduction of the attack space and importance sampling.
///
/// Cost: at most `queries` forwards per attempt; it stops early where it is enough to be inside the threat. Guarantee:
/// none.
public struct ZOO: ScoreAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "zoo"
  /// The nearest point.
  public static let search = SearchKind.minimumNorm
  /// The norm it is written for.
  public static let norms: [Norm] = [.two]

  /// The most queries of one attempt.
  public var queries = 100_000
  /// The number of constants c that are tried.
  public var searches = 6
  /// The number of coordinates of one step.
  public var coordinates = 128
  /// The rate of Adam, in the units of the data.
  public var learningRate = 0.01
  /// The length h of differences, in the units of the data.
  public var spread = 0.001
  /// The first constant c.
  public var constant = 0.1
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries),
    .integer("searches", \.searches, 1...100, "number of constants that are tried"),
    .integer(
      "coordinates", \.coordinates, 1...1_000_000, "number of values changed in one step"),
    .spread(\.spread),
    .number("learning-rate", \.learningRate, 0...1e30, "how fast it learns"),
    .number(
      "constant", \.constant, 1e-30...1e30,
      "the first weight of the goal against the distance (c)"),
    .restarts(\.restarts),
  ]

  /// Searches.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let domain = try problem.domain
    let hull = domain.hull
    let open = hull.lower.scalars.indices.filter { hull.lower[$0] < hull.upper[$0] }
    var randomness = oracle.randomness("coordinates")
    var z = domain.center
    guard !open.isEmpty else { return Candidate(z) }
    var (low, high) = (0.0, Double.infinity)
    var constant = constant
    let share = max(oracle.left / max(searches, 1), 2)
    for _ in 0..<max(searches, 1) {
      var descent = CoordinateDescent(domain, constant: constant, rate: learningRate)
      var left = share
      var reached = false
      var order: ArraySlice<Int> = []
      while left >= 2, oracle.left >= 2 {
        if order.isEmpty { order = randomness.permutation(of: open.count)[...] }
        let count = min(coordinates, order.count, left / 2, oracle.left / 2)
        let chosen = order.prefix(count).map { open[$0] }
        order = order.dropFirst(count)
        left -= 2 * count
        let probes = chosen.flatMap { descent.probes($0, Float(spread), hull) }
        let scores = try await oracle.scores(at: probes)
        if oracle.isSolved { return Candidate(descent.z) }
        reached = reached || scores.contains { $0.margin > 0 }
        for (place, coordinate) in chosen.enumerated() {
          let width = Double(probes[2 * place][coordinate] - probes[2 * place + 1][coordinate])
          let up = max(-scores[2 * place].margin, 0)
          let down = max(-scores[2 * place + 1].margin, 0)
          let slope = (up - down) / width
          if slope.isFinite { descent.move(coordinate, along: slope, hull) }
        }
      }
      z = descent.z
      if reached { high = constant } else { low = constant }
      constant = high.isFinite ? (low + high) / 2 : constant * 10
    }
    return Candidate(z)
  }
}

/// ZOO's descent for one constant: a point, and for each coordinate the moments of Adam and its number of steps.
struct CoordinateDescent {
  private(set) var z: Tensor<Float>
  private let center: Tensor<Float>
  private let constant: Double
  private let rate: Double
  private var mean: [Double]
  private var variance: [Double]
  private var steps: [Double]

  init(_ domain: any FeasibleSet, constant: Double, rate: Double) {
    center = domain.center
    z = center
    self.constant = constant
    self.rate = rate
    mean = Array(repeating: 0, count: center.count)
    variance = mean
    steps = mean
  }

  /// The points on both sides along a coordinate, as far as the box goes.
  func probes(_ coordinate: Int, _ spread: Float, _ hull: Box) -> [Tensor<Float>] {
    [spread, -spread].map { move in
      var point = z
      point[coordinate] = min(
        max(point[coordinate] + move, hull.lower[coordinate]), hull.upper[coordinate])
      return point
    }
  }

  /// One step of a coordinate, given the slope of the loss there.
  mutating func move(_ index: Int, along slope: Double, _ hull: Box) {
    let slope = 2 * (Double(z[index]) - Double(center[index])) + constant * slope
    steps[index] += 1
    mean[index] = 0.9 * mean[index] + 0.1 * slope
    variance[index] = 0.999 * variance[index] + 0.001 * slope * slope
    let size = (variance[index] / (1 - Double.pow(0.999, steps[index]))).squareRoot()
    guard size > 0 else { return }
    let unit = mean[index] / (1 - Double.pow(0.9, steps[index])) / (size + 1e-8)
    let moved = z[index] - Float(rate * unit)
    z[index] = min(max(moved, hull.lower[index]), hull.upper[index])
  }
}
