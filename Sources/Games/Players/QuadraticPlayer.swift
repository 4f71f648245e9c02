/// A player whose cost is a quadratic function of what all have chosen: sum of z_i^T Q_ij z_j / 2 + q_i^T z_i.
public struct QuadraticPlayer: Player {
  /// What the player is called.
  public let name: String
  /// The player's place.
  public let place: Int
  /// Q: for each pair of players a matrix, with Q_ji the transpose of Q_ij.
  public let curvature: [[Matrix]]
  /// q: for each player a vector.
  public let slope: Profile

  /// Creates a player; traps unless the matrices fit.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - place: Its place.
  ///   - curvature: Q; what lies below its diagonal of blocks is the transpose of what lies above.
  ///   - slope: q.
  public init(_ name: String, place: Int, curvature: [[Matrix]], slope: Profile) {
    for (row, blocks) in curvature.enumerated() {
      for (column, block) in blocks.enumerated() {
        precondition(
          block == curvature[column][row].transposed && block.rows == slope[row].count,
          "the block \(row), \(column) is not the transpose of its counterpart")
      }
    }
    self.name = name
    self.place = place
    self.curvature = curvature
    self.slope = slope
  }

  /// The cost as a formula.
  public var objective: String { "z^T Q z / 2 + q^T z" }

  /// The length of its part of q.
  public var size: Int { slope[place].count }

  /// The quadratic function.
  public func cost(at profile: Profile) -> Double {
    var sum = slope.dot(profile)
    for (row, blocks) in curvature.enumerated() {
      for (column, block) in blocks.enumerated() {
        sum += profile[row].dot(block.times(profile[column])) / 2
      }
    }
    return sum
  }

  /// The sum of Q_ij z_j, and q_i.
  public func gradient(along place: Int, at profile: Profile) -> [Double] {
    zip(curvature[place], profile).reduce(slope[place]) { $0.plus($1.0.times($1.1)) }
  }

  /// Q_ij times the direction.
  public func hessianProduct(
    along place: Int, moving moved: Int, by direction: [Double], at profile: Profile
  ) -> [Double] { curvature[place][moved].times(direction) }

  /// The minimum over its own numbers; nobody's where the cost has none.
  public func bestResponse(to profile: Profile, at place: Int) -> [Double]? {
    var others = profile
    others[place] = [Double](repeating: 0, count: size)
    return curvature[place][place].solvePositive(
      gradient(along: place, at: others).scaled(by: -1))
  }
}
