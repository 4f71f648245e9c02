import Graphs
import Tensors

extension Elementwise: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    if case .affine(let factor, let offset) = function {
      return affine(operands[0], factor: Double(factor), offset: Double(offset))
    }
    if !isRounded, let x = operands[0].exact {
      return Enclosure(.exact(value(of: [x], shape: shape)))
    }
    let (lower, upper) = operands[0].ends
    switch function.course {
    case .rising:
      return Enclosure(.ends(lower: below(lower, shape), upper: above(upper, shape)))
    case .falling:
      return Enclosure(.ends(lower: below(upper, shape), upper: above(lower, shape)))
    case .valley(let bottom):
      let lowest = lower.zip(upper) { $0.isNaN ? $0 : $1.isNaN ? $1 : min(max($0, bottom), $1) }
      return Enclosure(
        .ends(
          lower: below(lowest, shape),
          upper: above(lower, shape).zip(above(upper, shape)) { $0 >= $1 || $0.isNaN ? $0 : $1 }))
    case .affine: return nil
    case nil:
      guard function == .reciprocal else { return nil }
      // It falls on either side of zero, and has no bounds around it.
      let isOneSided = lower.zip(upper) { $0 > 0 || $1 < 0 ? 0 : Double.nan }
      return Enclosure(
        .ends(
          lower: below(upper, shape) + isOneSided, upper: above(lower, shape) + isOneSided))
    }
  }

  private func affine(_ x: Enclosure, factor: Double, offset: Double) -> Enclosure {
    let (center, radius) = x.centered
    let result = center.map { factor * $0 + offset }
    return Enclosure(
      .centered(
        center: result,
        radius: result.zip(center, radius) {
          Rounding.radius(
            abs(factor) * $2 + 3 * Rounding.underflow, center: $0,
            magnitude: abs($0) + abs(factor * $1))
        }))
  }

  private func below(_ x: Tensor<Double>, _ shape: Shape) -> Tensor<Double> {
    let y = value(of: [x], shape: shape)
    return isRounded ? y.zip(x) { $0 - slack($0, at: $1) } : y
  }

  private func above(_ x: Tensor<Double>, _ shape: Shape) -> Tensor<Double> {
    let y = value(of: [x], shape: shape)
    return isRounded ? y.zip(x) { $0 + slack($0, at: $1) } : y
  }

  /// Whether a value of the function is rounded.
  private var isRounded: Bool {
    switch function {
    case .relu, .step, .clip, .abs, .sign, .floor, .ceiling, .round, .inside: false
    default: true
    }
  }

  /// More than the rounding of a value: some hundred units in the last place, where the C library's functions, which
  /// are not correctly rounded, are off by one or two.
  private func slack(_ y: Double, at x: Double) -> Double {
    let magnitude =
      switch function {
      case .gelu, .hardSwish: abs(y) + 2 * abs(x)
      case .hardSigmoid(let alpha, let beta): abs(Double(alpha) * x) + abs(Double(beta))
      default: abs(y)
      }
    return magnitude * 0x1p-46 + Rounding.underflow
  }
}
