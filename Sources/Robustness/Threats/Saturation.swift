/// The points x + min(t w_i, c_i) sign(v_i): what projections and maximisers of a ball cut by a box
/// look like.
///
/// Both the projection onto a ball cut by a box and the maximiser of a linear function over it have
/// this form, with weights w_i = |v_i|, caps c_i (the distance to the bound on the side of v_i) and
/// one t such that the Euclidean norm of the move is the radius.
struct Saturation {
  /// Weights and caps, a vector at a time; padded with zeros.
  typealias Block = SIMD8<Double>

  let weights: UnsafeMutableBufferPointer<Block>
  let caps: UnsafeMutableBufferPointer<Block>

  /// The t at which the norm of min(t w_i, c_i) is `radius`; infinite if the caps alone are not
  /// longer.
  ///
  /// An active-set iteration: with the saturated coordinates known, t has a closed form. Starting
  /// from none, t only grows and the saturated set only grows, so it ends after at most as many
  /// rounds as there are coordinates; a handful is usual.
  func scale(radius: Double) -> Double {
    var t = 0.0
    while true {
      var free = Block()
      var fixed = Block()
      for index in weights.indices {
        let weight = weights[index]
        let cap = caps[index]
        let isSaturated = t * weight .>= cap
        fixed += (cap * cap).replacing(with: 0, where: .!isSaturated)
        free += (weight * weight).replacing(with: 0, where: isSaturated)
      }
      if free.sum() == 0 { return .infinity }
      let rest = radius * radius - fixed.sum()
      // Rounding may leave the rest a hair below zero once the caps fill the ball.
      guard rest > 0 else { return t }
      let next = (rest / free.sum()).squareRoot()
      // The same saturated set gives the same t, bit for bit.
      if next <= t { return t }
      t = next
    }
  }
}
