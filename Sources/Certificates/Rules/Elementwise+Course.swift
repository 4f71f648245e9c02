import Graphs

/// How a function of one number runs from minus to plus infinity.
enum Course: Equatable {
  /// factor * x + offset.
  case affine(factor: Float, offset: Float)
  /// It never falls where it is defined.
  case rising
  /// It never rises where it is defined.
  case falling
  /// It falls to a lowest value and rises behind it.
  case valley(bottom: Double)
}

extension Elementwise.Function {
  /// How the function runs; `nil` if no interval is known of it.
  var course: Course? {
    switch self {
    case .affine(let factor, let offset): .affine(factor: factor, offset: offset)
    case .relu, .step, .sigmoid, .tanh, .softplus, .exp, .log, .erf, .sign, .squareRoot, .clip,
      .floor, .ceiling, .round:
      .rising
    case .leakyReLU(let slope): slope >= 0 ? .rising : .valley(bottom: 0)
    case .elu(let alpha): alpha >= 0 ? .rising : .valley(bottom: 0)
    case .hardSigmoid(let alpha, _): alpha >= 0 ? .rising : .falling
    case .abs, .square: .valley(bottom: 0)
    // Where Phi(x) + x phi(x) is zero.
    case .gelu: .valley(bottom: -0.751_791_524_693_564_5)
    case .hardSwish: .valley(bottom: -1.5)
    case .power(let exponent): power(exponent)
    case .geluSlope, .reciprocal, .sin, .cos, .inside, .hardSwishSlope: nil
    }
  }

  private func power(_ exponent: Float) -> Course? {
    guard exponent >= 0 else { return nil }
    let isEven = exponent > 0 && (exponent / 2).rounded() == exponent / 2
    return isEven ? .valley(bottom: 0) : .rising
  }
}
