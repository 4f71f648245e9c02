/// Solves for the point of a sphere in a box along a given pattern.
///
/// Both the projection onto a ball cut by a box and the maximiser of a linear function over it have the
/// form d_i = min(t w_i, c_i), with weights w_i >= 0, caps c_i >= 0 and one t such that the Euclidean
/// norm of d is the radius.
enum Saturation {
  /// The t at which the norm of min(t w_i, c_i) is `radius`; infinite if the caps alone are shorter.
  ///
  /// An active-set iteration: with the saturated coordinates known, t has a closed form. Starting from
  /// none, t only grows and the saturated set only grows, so it ends after at most as many rounds
  /// as there are coordinates; a handful is usual.
  static func scale(
    weights: UnsafeMutableBufferPointer<Double>, caps: UnsafeMutableBufferPointer<Double>,
    radius: Double
  ) -> Double {
    var t = 0.0
    var saturated = -1
    while true {
      var free = 0.0
      var fixed = 0.0
      var count = 0
      for index in 0..<weights.count {
        // A coordinate without weight never moves, whatever its cap.
        let weight = weights[index]
        let cap = caps[index]
        let isSaturated = weight > 0 && t * weight >= cap
        fixed += isSaturated ? cap * cap : 0
        free += isSaturated ? 0 : weight * weight
        count += isSaturated ? 1 : 0
      }
      if free == 0 { return .infinity }
      if count == saturated { return t }
      saturated = count
      let rest = radius * radius - fixed
      // Rounding may leave the rest a hair below zero once the caps fill the ball.
      if rest <= 0 { return t }
      t = max(t, (rest / free).squareRoot())
    }
  }
}
