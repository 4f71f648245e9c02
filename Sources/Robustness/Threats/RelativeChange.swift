import Tensors

/// A ball of changes in units of each coordinate's range, added to whatever input comes: z is the change, and the result
/// the nearest point of the relative ball around that input.
struct RelativeChange: ThreatModel, Hashable {
  let relative: RelativeBall

  init(_ relative: RelativeBall) { self.relative = relative }

  private var ball: Ball { relative.ball }

  /// The changes, around zero; the bounds cut what they are added to.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try ball.check(x)
    let scale = relative.scale(of: x)
    let mask = (0..<x.count).map { !relative.isFixed($0, scale.width(at: $0)) }
    return try Ball(ball.norm, radius: ball.radius, bounds: .none, mask: mask)
      .region(around: .zeros(x.shape))
  }

  func check(_ x: Tensor<Float>) throws { try ball.check(x) }

  var description: String { "\(relative)" }

  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    let start = ball.bounds.clamp(x)
    do {
      let inside = try relative.region(around: start).projection(of: z)
      return relative.apply(inside, to: start)
    } catch {
      preconditionFailure("the example was checked when its problem was made: \(error)")
    }
  }

  /// The gradient, but where the sum is beyond a bound: there only what leads back inside, as for balls.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    let scale = relative.scale(of: x)
    var slopes = relative.pullback(gradient, at: z, of: x)
    for index in 0..<x.count {
      let sum = Double(x[index]) + Double(z[index]) * scale.width(at: index)
      if sum > Double(ball.bounds.upper(at: index)) && gradient[index] > 0
        || sum < Double(ball.bounds.lower(at: index)) && gradient[index] < 0
      {
        slopes[index] = 0
      }
    }
    return slopes
  }

  func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    let scale = relative.scale(of: x)
    var slopes = gradient
    for index in 0..<x.count {
      let sum = Double(x[index]) + Double(z[index]) * scale.width(at: index)
      if sum > Double(ball.bounds.upper(at: index)) || sum < Double(ball.bounds.lower(at: index)) {
        slopes[index] = 0
      }
    }
    return slopes
  }
}
