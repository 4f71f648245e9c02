import Graphs
import Tensors

extension Arithmetic: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    switch operation {
    case .add:
      let (left, right) = (operands[0].centered, operands[1].centered)
      let center = left.center + right.center
      return Enclosure(
        .centered(
          center: center,
          radius: center.zip(left.radius, right.radius) {
            Rounding.radius($1 + $2, center: $0, magnitude: abs($0))
          }))
    case .multiply:
      if operands.allSatisfy({ $0.exact == nil }) {
        return product(operands[0].ends, operands[1].ends)
      }
      let (left, right) = (operands[0].centered, operands[1].centered)
      let center = left.center * right.center
      let spread = left.center.zip(left.radius, right.center, right.radius) {
        abs($0) * $3 + $1 * abs($2) + $1 * $3
      }
      return Enclosure(
        .centered(
          center: center,
          radius: center.zip(spread) {
            Rounding.radius($1 + 3 * Rounding.underflow, center: $0, magnitude: abs($0))
          }))
    case .divide:
      guard let divisor = operands[1].exact else { return nil }
      let (left, radius) = operands[0].centered
      let center = left.zip(divisor) { $0 / $1 }
      return Enclosure(
        .centered(
          center: center,
          radius: center.zip(radius, divisor) {
            Rounding.radius($1 / abs($2) + Rounding.underflow, center: $0, magnitude: abs($0))
          }))
    case .maximum, .minimum:
      let (left, right) = (operands[0].ends, operands[1].ends)
      return Enclosure(
        .ends(
          lower: value(of: [left.lower, right.lower], shape: shape),
          upper: value(of: [left.upper, right.upper], shape: shape)))
    case .power: return nil
    }
  }

  /// The extremes of a product stand at corners; NaN where one of them has no value.
  private func product(
    _ left: (lower: Tensor<Double>, upper: Tensor<Double>),
    _ right: (lower: Tensor<Double>, upper: Tensor<Double>)
  ) -> Enclosure {
    let corners = [
      left.lower * right.lower, left.lower * right.upper, left.upper * right.lower,
      left.upper * right.upper,
    ]
    func extreme(_ isBetter: (Double, Double) -> Bool) -> Tensor<Double> {
      corners.dropFirst().reduce(corners[0]) { best, corner in
        best.zip(corner) { $0.isNaN || isBetter($0, $1) ? $0 : $1 }
      }
    }
    return Enclosure(
      .ends(lower: extreme(<).map(\.nextDown), upper: extreme(>).map(\.nextUp)))
  }
}
