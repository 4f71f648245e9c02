import Platform
import Tensors

/// An L1 ball cut by bounds.
struct CrossPolytopeRegion: FeasibleSet {
  let center: Tensor<Float>
  let radius: Double
  let hull: Box

  func distance(of point: Tensor<Float>) -> Double {
    precondition(point.shape == center.shape, "a point of shape \(point.shape)")
    return point.withUnsafeScalars { point in
      center.withUnsafeScalars { center in
        var sum = 0.0
        for index in 0..<point.count {
          sum += (Double(point[index]) - Double(center[index])).magnitude
        }
        return sum
      }
    }
  }

  /// Soft thresholding, cut by the box: x + clamp(sign(d) max(|d| - t, 0), box) with the t at which its norm is
  /// the radius (Croce and Hein, "Mind the box", 2021, https://arxiv.org/abs/2103.01208).
  func projection(of point: Tensor<Float>) -> Tensor<Float> {
    let boxed = hull.projection(of: point)
    if distance(of: boxed) <= safeRadius { return boxed }
    if contains(point) { return point }
    // Sparse steps leave most coordinates where they are.
    var active: [Move] = []
    point.withUnsafeScalars { point in
      boxed.withUnsafeScalars { boxed in
        center.withUnsafeScalars { center in
          for index in 0..<point.count where boxed[index] != center[index] {
            let start = Double(center[index])
            let length = min((Double(point[index]) - start).magnitude, 1e300)
            if length.isNaN { continue }
            active.append(
              Move(index: index, length: length, cap: (Double(boxed[index]) - start).magnitude))
          }
        }
      }
    }
    let threshold = active.withUnsafeBufferPointer {
      CrossPolytopeRegion.threshold(of: $0, sum: safeRadius)
    }
    var result = center
    for move in active {
      let size = min(max(move.length - threshold, 0), move.cap)
      result[move.index] = moved(
        center[move.index], by: point[move.index] < center[move.index] ? -size : size,
        at: move.index)
    }
    return result
  }

  /// How far a coordinate of a point is from the center, and how far it may be.
  private struct Move {
    let index: Int
    let length: Double
    let cap: Double
  }

  func maximizer(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    return filled(from: center, along: gradient, length: safeRadius)
  }

  func direction(of gradient: Tensor<Float>) -> Tensor<Float> {
    precondition(gradient.shape == center.shape, "a gradient of shape \(gradient.shape)")
    var steepest: (index: Int, size: Float)?
    for index in 0..<gradient.count where gradient[index].magnitude > steepest?.size ?? 0 {
      steepest = (index, gradient[index].magnitude)
    }
    var direction = Tensor<Float>.zeros(center.shape)
    if let index = steepest?.index { direction[index] = gradient[index] > 0 ? 1 : -1 }
    return direction
  }

  /// The maximiser of the linear function over the L1 ball of this length around `point`, projected.
  func step(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    projection(of: filled(from: point, along: gradient, length: length))
  }

  func sample(using randomness: inout Philox) -> Tensor<Float> {
    var generator = randomness
    // Exponential magnitudes make a uniform direction of the cross-polytope.
    var moves = (0..<center.count).map { _ -> Double in
      let size = -log(max(Double(generator.next() >> 11) * 0x1p-53, 0x1p-60))
      return generator.next() & 1 == 0 ? size : -size
    }
    let uniform = Double(generator.next() >> 11) * 0x1p-53
    randomness = generator
    let length = max(moves.reduce(0) { $0 + $1.magnitude }, .leastNormalMagnitude)
    let scale = safeRadius * pow(uniform, 1 / Double(max(center.count, 1))) / length
    for index in moves.indices { moves[index] *= scale }
    var point = center
    for index in moves.indices { point[index] = Float(Double(center[index]) + moves[index]) }
    return projection(of: point)
  }

  /// Moves the coordinates of the steepest slopes to the end of the box, one after the other, as far as the length
  /// goes.
  private func filled(
    from point: Tensor<Float>, along gradient: Tensor<Float>, length: Double
  ) -> Tensor<Float> {
    let order = gradient.scalars.indices.filter { gradient[$0].magnitude > 0 }
      .sorted { (gradient[$0].magnitude, $1) > (gradient[$1].magnitude, $0) }
    var moves = [Double](repeating: 0, count: center.count)
    var rest = length
    for index in order {
      let end = gradient[index] > 0 ? hull.upper[index] : hull.lower[index]
      let room = (Double(end) - Double(point[index])).magnitude
      let size = min(room, rest)
      moves[index] = gradient[index] > 0 ? size : -size
      rest -= size
      if rest <= 0 { break }
    }
    var result = point
    for index in 0..<point.count {
      result[index] = moved(point[index], by: moves[index], at: index)
    }
    return result
  }

  /// A coordinate moved, rounded toward where it comes from.
  private func moved(_ start: Float, by move: Double, at index: Int) -> Float {
    if move == 0 { return start }
    var value = Float(Double(start) + move)
    if (Double(value) - Double(start)).magnitude > move.magnitude {
      value = move > 0 ? value.nextDown : value.nextUp
    }
    return min(max(value, hull.lower[index]), hull.upper[index])
  }

  /// The t at which the sum of min(max(m - t, 0), c) is just below a given one: Newton's method in a bracket.
  private static func threshold(
    of moves: UnsafeBufferPointer<Move>, sum target: Double
  ) -> Double {
    var low = 0.0
    var high = moves.reduce(0) { max($0, $1.length) }
    var t = 0.0
    for _ in 0..<200 {
      var sum = 0.0
      var free = 0.0
      for move in moves {
        let size = move.length - t
        if size <= 0 { continue }
        if size < move.cap { free += 1 }
        sum += min(size, move.cap)
      }
      if sum > target { low = t } else { high = t }
      if sum <= target, target - sum <= 1e-12 * target { break }
      var next = free > 0 ? t + (sum - target) / free : .infinity
      if !(next > low && next < high) { next = low + (high - low) / 2 }
      if next <= low || next >= high { break }
      t = next
    }
    return high
  }
}
