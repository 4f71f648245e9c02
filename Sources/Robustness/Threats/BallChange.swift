import Tensors

/// A ball of changes, added to whatever input comes: z is the change, and the result is the nearest point of the
/// ball around that input, cut by the bounds.
struct BallChange: ThreatModel, Hashable {
  let ball: Ball

  init(_ ball: Ball) { self.ball = ball }

  /// The changes, around zero; the bounds cut what they are added to.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try ball.check(x)
    return try Ball(ball.norm, radius: ball.radius, bounds: .none, mask: ball.mask)
      .region(around: .zeros(x.shape))
  }

  func check(_ x: Tensor<Float>) throws { try ball.check(x) }

  var description: String { "\(ball)" }

  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    do {
      return try ball.region(around: ball.bounds.clamp(x)).projection(of: x + z)
    } catch {
      preconditionFailure("the example was checked when its problem was made: \(error)")
    }
  }

  /// The gradient, but where the sum is beyond a bound: there only what leads back inside.
  ///
  /// Within the bounds that is the derivative; beyond them the derivative is zero, and a search would never come back.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    var slopes = gradient
    for index in 0..<x.count {
      let sum = x[index] + z[index]
      let isMasked = !(ball.mask?[index] ?? true)
      if isMasked || sum > ball.bounds.upper(at: index) && gradient[index] > 0
        || sum < ball.bounds.lower(at: index) && gradient[index] < 0
      {
        slopes[index] = 0
      }
    }
    return slopes
  }

  func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    var slopes = gradient
    for index in 0..<x.count {
      let sum = x[index] + z[index]
      if sum > ball.bounds.upper(at: index) || sum < ball.bounds.lower(at: index) {
        slopes[index] = 0
      }
    }
    return slopes
  }
}
