/// One of two players whose cost is x^T C y: x is what the first chooses, y the second.
///
/// Over probabilities it is a player of a matrix game; without bounds it is the plainest game on which solvers differ.
public struct BilinearPlayer: Player {
  /// What the player is called.
  public let name: String
  /// The cost as a formula.
  public let objective: String
  /// C, a row for each of the first player's numbers.
  public let costs: Matrix
  /// Whether this is the first player.
  public let isFirst: Bool
  /// Where the numbers may lie.
  public let domain: Domain

  /// Creates a player.
  public init(
    _ name: String, costs: Matrix, isFirst: Bool, domain: Domain = .unbounded,
    objective: String = "x^T C y"
  ) {
    self.name = name
    self.costs = costs
    self.isFirst = isFirst
    self.domain = domain
    self.objective = objective
  }

  /// The number of rows, or of columns.
  public var size: Int { isFirst ? costs.rows : costs.columns }

  /// x^T C y.
  public func cost(at profile: Profile) -> Double { profile[0].dot(costs.times(profile[1])) }

  /// C y along x, and C^T x along y.
  public func gradient(along place: Int, at profile: Profile) -> [Double] {
    place == 0 ? costs.times(profile[1]) : costs.transposedTimes(profile[0])
  }

  /// C or its transpose times the direction, where the other player moves; else zero.
  public func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] {
    if place == moved { return [Double](repeating: 0, count: profile[place].count) }
    return place == 0 ? costs.times(direction) : costs.transposedTimes(direction)
  }

  /// The single number of least cost, of probabilities and intervals; nobody's without bounds.
  public func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    let slopes = gradient(along: place, at: profile)
    switch domain {
    case .unbounded: return nil
    case .simplex:
      var best = [Double](repeating: 0, count: size)
      best[slopes.leastPlace] = 1
      return best
    case .interval(let range):
      return zip(slopes, profile[place]).map {
        $0 == 0 ? $1 : $0 > 0 ? range.lowerBound : range.upperBound
      }
    }
  }
}

extension Game {
  /// The unbounded game of x, who wants x^T A y low, against y, who wants it high; it rests at zero alone.
  ///
  /// Most solvers have closed forms on it; see `SolverRow.modulus`.
  public static func bilinear(_ matrix: Matrix, order: MoveOrder = .simultaneous) -> Game {
    Game(
      "bilinear", order: order,
      players: [
        BilinearPlayer("x", costs: matrix, isFirst: true, objective: "x^T A y"),
        BilinearPlayer("y", costs: matrix.map { -$0 }, isFirst: false, objective: "-x^T A y"),
      ])
  }
}
