package import Tensors

/// Groups of points that hang together by their nearest neighbours.
///
/// The symmetric graph of the nearest neighbours, its normalised Laplacian I - D^-1/2 A D^-1/2, and k-means on the rows
/// of its first eigenvectors, each of length 1: Ng, Jordan and Weiss, "On spectral clustering", 2001; von Luxburg, "A
/// tutorial on spectral clustering", 2007, https://arxiv.org/abs/0711.0189. The number of groups is where the largest
/// gap between neighbouring eigenvalues is, two at least.
///
/// Cost: about 9 n^3 operations for n points.
package struct SpectralClustering: Sendable {
  /// The most groups.
  package static let mostGroups = 8

  /// The smallest eigenvalues, in ascending order from 0: as many near 0 as there are groups.
  package let eigenvalues: [Double]
  /// The groups as positions of points, the largest first; none is empty.
  package let groups: [[Int]]
  /// The groups for each number of them from 2 on.
  package let groupings: [[[Int]]]
  /// The most groups of all numbers together.
  package static let mostTrials = (2...mostGroups).reduce(0, +)

  /// Groups points.
  ///
  /// - Parameters:
  ///   - points: More than there are neighbours, and at least four.
  ///   - neighbours: How many nearest points each is joined to, at least 1.
  ///   - key: Where all chance comes from.
  package init(_ points: [[Double]], neighbours: Int, key: RandomKey) {
    let n = points.count
    precondition(n > neighbours && n >= 4 && neighbours >= 1, "too few points")
    let eigen = SymmetricEigen(SpectralClustering.laplacian(points, neighbours), order: n)
    let most = min(SpectralClustering.mostGroups, n - 2)
    let number =
      (2...most).max { left, right in
        let gaps = (
          eigen.values[left] - eigen.values[left - 1], eigen.values[right] - eigen.values[right - 1]
        )
        return gaps.0 < gaps.1
      } ?? 2
    eigenvalues = Array(eigen.values.prefix(most + 2))
    groupings = (2...most).map { SpectralClustering.groups($0, of: n, by: eigen.vectors, key) }
    groups = groupings[number - 2]
  }

  /// Groups by the first eigenvectors, as many as there shall be groups.
  private static func groups(
    _ count: Int, of points: Int, by vectors: [[Double]], _ key: RandomKey
  ) -> [[Int]] {
    let rows = (0..<points).map { point -> [Double] in
      let row = (0..<count).map { vectors[$0][point] }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
    let assignment = KMeans(rows, count: count, key: key).assignment
    return (0..<count).map { group in assignment.indices.filter { assignment[$0] == group } }
      .filter { !$0.isEmpty }.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
  }

  /// The normalised Laplacian of the graph in which points are joined that are among the nearest of one another.
  private static func laplacian(_ points: [[Double]], _ neighbours: Int) -> [Double] {
    let n = points.count
    var joined = [Double](repeating: 0, count: n * n)
    for point in 0..<n {
      let distances = (0..<n).map { KMeans.distance(points[point], points[$0]) }
      let nearest = (0..<n).filter { $0 != point }
        .sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(neighbours)
      for other in nearest {
        joined[point * n + other] = 1
        joined[other * n + point] = 1
      }
    }
    let degrees = (0..<n).map { row in joined[row * n..<(row + 1) * n].reduce(0, +) }
    for row in 0..<n {
      for column in 0..<n {
        joined[row * n + column] =
          (row == column ? 1 : 0)
          - joined[row * n + column] / (degrees[row] * degrees[column]).squareRoot()
      }
    }
    return joined
  }
}
