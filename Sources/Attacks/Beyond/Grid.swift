public import Robustness
import Tensors

/// Every point of a grid over the parameters of a threat, such as all angles and shifts of a picture.
///
/// z runs through the Cartesian product of evenly spread values of each coordinate, both ends of the threat among
/// them; the one with the largest margin is kept. It is for threats of few parameters: the number of points is the
/// number of values per coordinate to the power of the coordinates.
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
///
/// Cost: at most `limit` forwards, asked about `batch` at a time; it stops where the goal is reached. Guarantee:
/// none between the points.
public struct Grid: ScoreAttack, ConfigurableAttack {
  /// The name on the command line.
  public static let name = "grid"
  /// None: it is for threats that are no balls.
  public static let norms: [Norm] = []

  /// The number of values of each coordinate; 1 for the middle alone.
  public var values = 11
  /// The most points; a threat whose grid is larger is refused.
  public var limit = 100_000

  /// How many points are asked about at once.
  private static let batch = 32

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .integer("values", \.values, 1...10_000, "values of each of the threat's numbers"),
    .integer("limit", \.limit, 1...100_000_000, "most points of the grid"),
  ]

  /// A forward pass per point.
  public var budget: Passes { Passes(forward: limit) }

  /// Goes through the grid, the last coordinate fastest.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    let axes = axes(of: region)
    var total = 1
    for axis in axes {
      let (product, overflows) = total.multipliedReportingOverflow(by: axis.count)
      guard !overflows, product <= limit else {
        throw AttackError.grid(coordinates: axes.count, values: values, limit: limit)
      }
      total = product
    }
    return try await oracle.best(of: total, at: Grid.batch, from: region.center) {
      region.projection(of: Grid.point($0, axes, region.center.shape))
    }
  }

  /// The values of each coordinate.
  private func axes(of region: any FeasibleSet) -> [[Float]] {
    (0..<region.center.count).map { index in
      let (lower, upper) = (region.hull.lower[index], region.hull.upper[index])
      guard values > 1, lower < upper else { return [region.center[index]] }
      return (0..<values).map { step in
        let share = Float(step) / Float(values - 1)
        return lower * (1 - share) + upper * share
      }
    }
  }

  private static func point(_ number: Int, _ axes: [[Float]], _ shape: Shape) -> Tensor<Float> {
    var rest = number
    var point = Tensor<Float>.zeros(shape)
    for (index, axis) in axes.enumerated().reversed() {
      point[index] = axis[rest % axis.count]
      rest /= axis.count
    }
    return point
  }
}

extension ScoreOracle {
  /// The point of the largest margin, or the first that reaches the goal, of some that are asked about many at a time.
  ///
  /// - Parameters:
  ///   - count: The number of points.
  ///   - batch: How many are asked about at once.
  ///   - start: The point that is returned where none has a margin.
  ///   - point: Gives the points, one after the other.
  /// - Returns: The point.
  /// - Throws: What the oracle throws.
  func best(
    of count: Int, at batch: Int, from start: Tensor<Float>, _ point: (Int) -> Tensor<Float>
  ) async throws -> Candidate {
    var best = (point: start, margin: -Double.infinity)
    for first in stride(from: 0, to: count, by: batch) {
      let points = (first..<min(first + batch, count)).map(point)
      for (z, scores) in zip(points, try await scores(at: points)) {
        if scores.margin > best.margin { best = (z, scores.margin) }
        if scores.reachesGoal { return Candidate(z) }
      }
    }
    return Candidate(best.point)
  }
}
