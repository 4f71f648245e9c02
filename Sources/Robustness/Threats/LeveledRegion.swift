import Tensors

/// A region whose points stand for the inputs next to them on levels.
///
/// Steps and projections are those of the region; `contains` and `distance` speak of the rounded point.
struct LeveledRegion: RegionWrapper {
  let base: any FeasibleSet
  let levels: Levels

  func contains(_ point: Tensor<Float>) -> Bool {
    guard base.contains(point) else { return false }
    return base.contains(settled(point))
  }

  func distance(of point: Tensor<Float>) -> Double { base.distance(of: settled(point)) }

  /// The point on the nearest levels; where these are outside the region, those that were rounded away from the
  /// center are rounded towards it instead, the least certain ones first, until the point is inside.
  ///
  /// A point of the region so never leaves it: were all rounded towards the center, none would be farther from it
  /// than in the point.
  func settled(_ point: Tensor<Float>) -> Tensor<Float> {
    var rounded = hull.projection(of: point).map { levels.values[levels.nearest(to: $0)] }
    if base.contains(rounded) { return rounded }
    var outward: [(index: Int, doubt: Float, inner: Float)] = []
    for index in 0..<rounded.count {
      let (z, x, level) = (point[index], center[index], rounded[index])
      guard (level > z && z >= x) || (level < z && z <= x) else { continue }
      let place = levels.nearest(to: level) + (level > z ? -1 : 1)
      outward.append((index, (level - z).magnitude, levels.values[place]))
    }
    outward.sort { ($0.doubt, $1.index) > ($1.doubt, $0.index) }
    // Halving finds how many it takes in few looks at all coordinates.
    let nearest = rounded
    var (few, many) = (0, outward.count)
    while few < many {
      let middle = (few + many) / 2
      rounded = nearest
      for change in outward[..<middle] { rounded[change.index] = change.inner }
      if base.contains(rounded) { many = middle } else { few = middle + 1 }
    }
    rounded = nearest
    for change in outward[..<many] { rounded[change.index] = change.inner }
    return rounded
  }
}
