/// What a path does in the long run.
public enum Behavior: String, Sendable, Hashable, Codable {
  /// It has come to rest.
  case converged
  /// It closes in, but has not come to rest.
  case converging
  /// It comes back to where it was, again and again.
  case cycling
  /// It moves on without closing in, leaving or coming back.
  case moving
  /// It leaves, or has left all bounds.
  case diverging

  /// The behaviour in words.
  public var words: String {
    switch self {
    case .converged: "at rest"
    case .converging: "closing in"
    case .cycling: "circling"
    case .moving: "still moving"
    case .diverging: "leaving"
    }
  }

  /// Judges a path by its second and its last quarter.
  ///
  /// Moves below 1e-9 of the path's scale are rest. Otherwise the extents of both quarters decide: less than 0.98 of
  /// the former closes in, more than 1.02 leaves. Between the two, a path that comes back to where its last half began,
  /// once it has gone away by more than half of its extent, to within a tenth of that, circles.
  ///
  /// - Parameters:
  ///   - path: The points, of equally many numbers, at equal intervals.
  ///   - rest: Where the path may come to rest, from which extents are then measured; by default from a quarter's mean.
  /// - Returns: What it does; that of a path of fewer than eight points is `moving` unless it rests or left all bounds.
  public static func of(_ path: [[Double]], around rest: [Double]? = nil) -> Behavior {
    guard let last = path.last, path.count > 1 else { return .moving }
    guard path.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return .diverging }
    let scale = max(1, path[0].norm)
    guard last.norm < 1e9 * scale else { return .diverging }
    let move = last.plus(path[path.count - 2], times: -1).norm
    if move <= 1e-9 * max(1, last.norm) { return .converged }
    guard path.count >= 8 else { return .moving }
    let quarter = path.count / 4
    let extents = [path[quarter..<2 * quarter], path[(path.count - quarter)...]].map { part in
      rest.map { rest in part.map { $0.plus(rest, times: -1).norm }.max() ?? 0 } ?? extent(part)
    }
    if extents[1] < 0.98 * extents[0] { return .converging }
    if extents[1] > 1.02 * extents[0] { return .diverging }
    return comesBack(Array(path[(path.count / 2)...])) ? .cycling : .moving
  }

  /// The largest distance from the mean.
  private static func extent(_ points: ArraySlice<[Double]>) -> Double {
    guard let first = points.first else { return 0 }
    var mean = [Double](repeating: 0, count: first.count)
    for point in points { mean.add(point, times: 1 / Double(points.count)) }
    return points.map { $0.plus(mean, times: -1).norm }.max() ?? 0
  }

  private static func comesBack(_ points: [[Double]]) -> Bool {
    let size = extent(points[...])
    let distances = points.map { $0.plus(points[0], times: -1).norm }
    guard let away = distances.firstIndex(where: { $0 > size / 2 }) else { return false }
    // A path in steps may pass its beginning between two points.
    let steps = zip(points, points.dropFirst()).map { $1.plus($0, times: -1).norm }
    let step = steps.max() ?? 0
    return distances[away...].contains { $0 <= max(size / 10, min(step / 2, size / 2)) }
  }
}
