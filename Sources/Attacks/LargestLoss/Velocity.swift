import Tensors

/// Gradients accumulated with decay, each scaled to a mean magnitude of 1: v <- mu v + g / mean |g|.
struct Velocity {
  private let decay: Float
  /// The velocity; `nil` before the first gradient.
  private(set) var value: Tensor<Float>?

  init(decay: Double) { self.decay = Float(decay) }

  /// Adds a gradient; one that is zero or not finite adds nothing.
  ///
  /// - Returns: The new velocity.
  mutating func add(_ gradient: Tensor<Float>) -> Tensor<Float> {
    let mean = gradient.norm1 / Double(max(gradient.count, 1))
    let scale = mean > 0 && mean.isFinite ? 1 / mean : 0
    let (decay, factor) = (decay, Float(scale))
    // Beyond this the factor itself leaves the range of `Float`.
    let unit =
      scale > 1e30
      ? gradient.map { Float(Double($0) * scale) }
      : scale == 0 ? .zeros(gradient.shape) : factor * gradient
    let sum = value.map { $0.zip(unit) { decay * $0 + $1 } } ?? unit
    value = sum
    return sum
  }
}
