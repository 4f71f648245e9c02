import Tensors

/// Groups of points, each around its mean.
///
/// Lloyd's steps from centres drawn far from one another, the best of several beginnings: Arthur and Vassilvitskii,
/// "k-means++: the advantages of careful seeding", 2007.
struct KMeans: Sendable {
  /// The group of each point.
  let assignment: [Int]
  /// The sum of the squared distances to the groups' means.
  let spread: Double

  /// Groups points.
  ///
  /// - Parameters:
  ///   - points: At least one, all of the same length.
  ///   - count: The number of groups, at most as many as there are points; a group may end up empty.
  ///   - beginnings: How often to begin anew.
  ///   - key: Where all chance comes from.
  init(_ points: [[Double]], count: Int, beginnings: Int = 10, key: RandomKey) {
    var best: (assignment: [Int], spread: Double) = ([], .infinity)
    for beginning in 0..<beginnings {
      var generator = key.child(beginning).generator
      let found = KMeans.run(points, count: count, &generator)
      if found.spread < best.spread { best = found }
    }
    assignment = best.assignment
    spread = best.spread
  }

  private static func run(
    _ points: [[Double]], count: Int, _ generator: inout Philox
  ) -> (assignment: [Int], spread: Double) {
    var centres = [points[generator.integer(below: points.count)]]
    while centres.count < count {
      let weights = points.map { point in centres.map { distance(point, $0) }.min() ?? 0 }
      let total = weights.reduce(0, +)
      var rest = Double(generator.uniform()) * total
      let place = weights.firstIndex { weight in
        rest -= weight
        return rest < 0
      }
      centres.append(points[place ?? generator.integer(below: points.count)])
    }
    var assignment = [Int](repeating: -1, count: points.count)
    for _ in 0..<100 {
      let next = points.map { point in
        centres.indices.min { distance(point, centres[$0]) < distance(point, centres[$1]) } ?? 0
      }
      if next == assignment { break }
      assignment = next
      for group in centres.indices {
        let own = points.indices.filter { assignment[$0] == group }
        guard !own.isEmpty else { continue }
        for axis in centres[group].indices {
          centres[group][axis] = own.reduce(0) { $0 + points[$1][axis] } / Double(own.count)
        }
      }
    }
    let spread = points.indices.reduce(0) { $0 + distance(points[$1], centres[assignment[$1]]) }
    return (assignment, spread)
  }

  /// The squared distance of two points.
  static func distance(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for axis in left.indices { sum += (left[axis] - right[axis]) * (left[axis] - right[axis]) }
    return sum
  }
}
