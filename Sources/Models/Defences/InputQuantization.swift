public import Tensors

/// Rounding of every value to one of few levels: a defence whose derivative is zero everywhere.
///
/// Such masked gradients fail the attacker, not the attack: Athalye, Carlini and Wagner, 2018,
/// https://arxiv.org/abs/1802.00420. `PreprocessedModel` with a straight backward pass sees through it.
public struct InputQuantization: Preprocessing, Hashable {
  /// The number of levels, evenly spread from the lower to the upper end.
  public let levels: Int
  /// The ends; values beyond are clamped.
  public let range: ClosedRange<Float>

  /// Creates the rule.
  ///
  /// - Precondition: At least two levels, and the range is not empty.
  public init(levels: Int, range: ClosedRange<Float> = 0...1) {
    precondition(levels > 1 && range.lowerBound < range.upperBound, "no levels to round to")
    self.levels = levels
    self.range = range
  }

  /// The nearest levels.
  public func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> {
    let width = range.upperBound - range.lowerBound
    let steps = Float(levels - 1)
    return x.map { value in
      let share = min(max((value - range.lowerBound) / width, 0), 1)
      return range.lowerBound + width * (share * steps).rounded() / steps
    }
  }

  /// Zero.
  public func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float> { .zeros(x.shape) }
}
