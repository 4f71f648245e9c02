import Tensors

/// An L0 ball cut by bounds.
///
/// It is not convex; the projection is a nearest point all the same.
struct SparseRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

  /// The number of places that count as one: those of a picture, or all values.
  private var pixels: Int {
    center.shape.rank == 3 ? center.shape.extents[1] * center.shape.extents[2] : center.count
  }

  /// The number of pixels that may change.
  private var allowed: Int { Int(min(radius, Double(pixels))) }

  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    return Double(changes(of: point).count { $0 })
  }

  func projection(of point: Tensor<Float>) -> Tensor<Float> {
    let boxed = hull.projection(of: point)
    // By how much moving a pixel brings the squared distance down.
    return keeping(boxed) { index in
      let move = Double(boxed[index]) - Double(center[index])
      let aim = Double(point[index]) - Double(center[index])
      return move == 0 ? 0 : move * (2 * aim - move)
    }
  }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    let ends = extremes(from: center, along: gradient)
    return keeping(ends) { gain(gradient, from: center, to: ends, at: $0) }
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    let sizes = sums { gradient[$0].isNaN ? 0 : Double(gradient[$0].magnitude) }
    guard let most = sizes.max(), most > 0, let pixel = sizes.firstIndex(of: most) else {
      return .zeros(center.shape)
    }
    var direction = Tensor<Float>.zeros(center.shape)
    for index in stride(from: pixel, to: center.count, by: pixels) {
      direction[index] = (gradient[index] > 0 ? 1 : 0) - (gradient[index] < 0 ? 1 : 0)
    }
    return direction
  }

  /// Moves as many pixels as the length says, at least one, to the ends of the box: those with room that gain most
  /// between center and end; where too many differ then, those that have gained most are kept.
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    let ends = extremes(from: point, along: gradient)
    let room = sums { gain(gradient, from: point, to: ends, at: $0) }
    let whole = sums { gain(gradient, from: center, to: ends, at: $0) }
    let gains = room.indices.map { room[$0] > 0 ? whole[$0] : -.infinity }
    let count = max(1, Int(min(length.rounded(.up), Double(pixels))))
    let chosen = SparseRegion.largest(count, of: gains)
    var moved = point
    for index in 0..<point.count where chosen[index % pixels] && room[index % pixels] > 0 {
      moved[index] = ends[index]
    }
    return keeping(hull.projection(of: moved)) {
      gain(gradient, from: center, to: moved, at: $0)
    }
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    var generator = randomness
    let order = generator.permutation(of: pixels)
    var point = center
    for pixel in order.prefix(allowed) {
      for index in stride(from: pixel, to: center.count, by: pixels) {
        let share = generator.uniform()
        let value = hull.lower[index] * (1 - share) + hull.upper[index] * share
        point[index] = min(max(value, hull.lower[index]), hull.upper[index])
      }
    }
    randomness = generator
    return point
  }

  // MARK: - Pixels

  /// What a linear function gains by moving a coordinate; zero for a NaN.
  private func gain(
    _ gradient: Tensor<Float>, from start: Tensor<Float>, to end: Tensor<Float>, at index: Int
  ) -> Double {
    let gain = Double(gradient[index]) * (Double(end[index]) - Double(start[index]))
    return gain.isNaN ? 0 : gain
  }

  /// Every coordinate at the end of the box that its slope points to.
  private func extremes(from point: Tensor<Float>, along gradient: Tensor<Float>) -> Tensor<Float> {
    var ends = point
    for index in 0..<ends.count {
      if gradient[index] > 0 { ends[index] = hull.upper[index] }
      if gradient[index] < 0 { ends[index] = hull.lower[index] }
    }
    return ends
  }

  /// The sums of a number per coordinate over the channels of each pixel.
  private func sums(_ value: (Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: pixels)
    for index in 0..<center.count { sums[index % pixels] += value(index) }
    return sums
  }

  private func changes(of point: Tensor<Float>) -> [Bool] {
    var changes = [Bool](repeating: false, count: pixels)
    for index in 0..<center.count where point[index] != center[index] {
      changes[index % pixels] = true
    }
    return changes
  }

  /// A point of the box with no more changes than allowed: those of the largest values.
  private func keeping(_ point: Tensor<Float>, by value: (Int) -> Double) -> Tensor<Float> {
    if distance(of: point) <= radius { return point }
    let changed = changes(of: point)
    var values = sums(value)
    for pixel in values.indices where !changed[pixel] { values[pixel] = -.infinity }
    let kept = SparseRegion.largest(allowed, of: values)
    var result = point
    for index in 0..<point.count where !kept[index % pixels] { result[index] = center[index] }
    return result
  }

  /// Which of some values are the largest, the first of equals first.
  private static func largest(_ count: Int, of values: [Double]) -> [Bool] {
    var isLargest = [Bool](repeating: false, count: values.count)
    let order = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
    for index in order.prefix(count) { isLargest[index] = true }
    return isLargest
  }
}
