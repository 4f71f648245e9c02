public import Robustness
public import Tensors

extension EnclosingBox {
  /// Creates the box of all inputs in single precision that a threat allows around an example, and the ball around it.
  ///
  /// - Parameters:
  ///   - region: What the threat allows around the example.
  ///   - example: The example.
  ///   - norm: The norm of the threat's distances, if it has one.
  public init(
    of region: any FeasibleSet, around example: Tensor<Float>, norm: Robustness.Norm?
  ) {
    let ballNorm: Ball.Norm? =
      switch norm {
      case .two: .two
      case .one: .one
      case .infinity, .zero, nil: nil
      }
    self.init(
      lower: region.hull.lower.scalars.map { Double($0) },
      upper: region.hull.upper.scalars.map { Double($0) },
      ball: ballNorm.map {
        Ball(
          center: example.scalars.map { Double($0) },
          // A region measures distances in double precision, which rounds.
          radius: region.radius * (1 + 0x1p-30), norm: $0)
      })
  }
}
