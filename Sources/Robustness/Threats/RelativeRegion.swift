import Tensors

/// A ball of changes in units of each coordinate's range, where `contains` and `distance` speak of the input that the
/// model sees.
struct RelativeRegion: RegionWrapper {
  /// The same, of z alone.
  let base: any FeasibleSet
  let scale: RelativeScale

  func contains(_ point: Tensor<Float>) -> Bool {
    base.contains(point) && distance(of: point) <= radius
  }

  /// The distance of the input from the example, each coordinate by its range.
  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    let input = scale.input(point)
    var sum = 0.0
    switch base {
    case is BoxRegion:
      for index in 0..<input.count {
        sum = max(sum, scale.change(to: input[index], at: index).magnitude)
      }
      return sum
    case is BallRegion:
      for index in 0..<input.count {
        let change = scale.change(to: input[index], at: index)
        sum += change * change
      }
      return sum.squareRoot()
    case is CrossPolytopeRegion:
      for index in 0..<input.count {
        sum += scale.change(to: input[index], at: index).magnitude
      }
      return sum
    default:
      return SparseRegion(center: scale.center, radius: radius, hull: hull).distance(of: input)
    }
  }
}
