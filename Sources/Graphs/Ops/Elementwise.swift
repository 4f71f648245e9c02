public import Tensors

/// A function of one number applied to every element.
public struct Elementwise: Operator {
  /// The function.
  public let function: Function

  /// The functions from which activations are made.
  public enum Function: Hashable, Sendable {
    /// max(x, 0).
    case relu
    /// 1 where x > 0, else 0.
    case step
    /// factor * x + offset.
    case affine(factor: Float, offset: Float)
    /// x where x > 0, else slope * x.
    case leakyReLU(slope: Float)
    /// x where x > 0, else alpha * (exp(x) - 1).
    case elu(alpha: Float)
    /// 1 / (1 + exp(-x)).
    case sigmoid
    /// The hyperbolic tangent.
    case tanh
    /// log(1 + exp(x)).
    case softplus
    /// The exponential.
    case exp
    /// The natural logarithm.
    case log
    /// The Gauss error function.
    case erf
    /// x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016), exact form.
    case gelu
    /// The derivative of `gelu`: Phi(x) + x phi(x) with the normal density phi.
    case geluSlope
    /// The magnitude.
    case abs
    /// -1, 0 or 1.
    case sign
    /// The square root.
    case squareRoot
    /// The square.
    case square
    /// 1 / x.
    case reciprocal
    /// The sine of an angle in radians.
    case sin
    /// The cosine of an angle in radians.
    case cos
    /// x to a constant power; its gradient at zero is that of the formula.
    case power(exponent: Float)
    /// x between two bounds, of which the upper prevails; its gradient is zero at and beyond them.
    case clip(lower: Float, upper: Float)
    /// 1 where lower < x < upper, else 0.
    case inside(lower: Float, upper: Float)
    /// min(max(alpha * x + beta, 0), 1).
    case hardSigmoid(alpha: Float, beta: Float)
    /// x min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019, https://arxiv.org/abs/1905.02244).
    case hardSwish
    /// The derivative of `hardSwish`: x / 3 + 1/2 between -3 and 3, 0 below, 1 above.
    case hardSwishSlope
    /// The largest integer that is not above x.
    case floor
    /// The smallest integer that is not below x.
    case ceiling
    /// The nearest integer, the even one of two.
    case round
  }

  /// The operator's name in messages.
  public var name: String { "\(function)" }

  /// Creates an elementwise operator.
  public init(_ function: Function) { self.function = function }

  /// The result's extents: the operand's.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1 else {
      throw .operands(operator: name, expected: "one operand", found: operands)
    }
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    return switch function {
    case .relu: x.map { $0 > 0 || $0.isNaN ? $0 : 0 }
    case .step: x.map { $0 > 0 ? 1 : 0 }
    case .affine(let factor, let offset): x.map { Scalar(factor) * $0 + Scalar(offset) }
    case .leakyReLU(let slope): x.map { $0 > 0 ? $0 : Scalar(slope) * $0 }
    case .elu(let alpha): x.map { $0 > 0 ? $0 : Scalar(alpha) * Scalar.expm1($0) }
    case .sigmoid: x.map { 1 / (1 + Scalar.exp(-$0)) }
    case .tanh: x.map { Scalar.tanh($0) }
    case .softplus: x.map { max($0, 0) + Scalar.log1p(Scalar.exp(-Swift.abs($0))) }
    case .exp: x.map { Scalar.exp($0) }
    case .log: x.map { Scalar.log($0) }
    case .erf: x.map { Scalar.erf($0) }
    case .gelu: x.map { $0 * normalDistribution($0) }
    case .geluSlope: x.map { normalDistribution($0) + $0 * normalDensity($0) }
    case .abs: x.map { Swift.abs($0) }
    case .sign: x.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case .squareRoot: x.map { $0.squareRoot() }
    case .square: x.map { $0 * $0 }
    case .reciprocal: x.map { 1 / $0 }
    case .sin: x.map { Scalar.sin($0) }
    case .cos: x.map { Scalar.cos($0) }
    case .power(let exponent): x.map { Scalar.pow($0, Scalar(exponent)) }
    case .clip(let lower, let upper): x.map { clipped($0, Scalar(lower), Scalar(upper)) }
    case .inside(let lower, let upper):
      x.map { $0 > Scalar(lower) && $0 < Scalar(upper) ? 1 : 0 }
    case .hardSigmoid(let alpha, let beta):
      x.map { clipped(Scalar(alpha) * $0 + Scalar(beta), 0, 1) }
    case .hardSwish: x.map { $0 * clipped($0 / 6 + 0.5, 0, 1) }
    case .hardSwishSlope: x.map { $0 <= -3 ? 0 : $0 >= 3 ? 1 : $0 / 3 + 0.5 }
    case .floor: x.map { $0.rounded(.down) }
    case .ceiling: x.map { $0.rounded(.up) }
    case .round: x.map { $0.rounded(.toNearestOrEven) }
    }
  }
}

@inline(__always)
private func normalDistribution<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  (1 + Scalar.erf(x * Scalar(0.5).squareRoot())) / 2
}

@inline(__always)
private func normalDensity<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  Scalar.exp(-x * x / 2) / (2 * Scalar.pi).squareRoot()
}

/// A number between two bounds; NaN stays NaN.
@inline(__always)
private func clipped<Scalar: TensorScalar>(
  _ x: Scalar, _ lower: Scalar, _ upper: Scalar
) -> Scalar {
  let above = x < lower ? lower : x
  return above > upper ? upper : above
}

extension Elementwise {
  /// The cotangent: the arriving one times the derivative, written in terms of the result where possible.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, y) = (application.operands[0], application.result)
    let derivative: Value
    switch function {
    case .step, .sign, .inside, .floor, .ceiling, .round:
      return [nil]
    case .affine(let factor, _):
      return [try graph.scale(application.cotangent, by: factor)]
    case .relu:
      // The result is positive exactly where the operand is, and it is what a fused layer keeps.
      derivative = try graph.apply(Elementwise(.step), y)
    case .leakyReLU(let slope):
      let step = try graph.apply(Elementwise(.step), x)
      derivative = try graph.affine(step, factor: 1 - slope, offset: slope)
    case .elu(let alpha):
      let step = try graph.apply(Elementwise(.step), x)
      let below = try graph.multiply(
        try graph.affine(step, factor: -1, offset: 1),
        try graph.affine(y, factor: 1, offset: alpha))
      derivative = try graph.add(step, below)
    case .sigmoid:
      derivative = try graph.multiply(y, try graph.affine(y, factor: -1, offset: 1))
    case .tanh:
      derivative = try graph.affine(
        try graph.apply(Elementwise(.square), y), factor: -1, offset: 1)
    case .softplus:
      derivative = try graph.apply(Elementwise(.sigmoid), x)
    case .exp:
      derivative = y
    case .log:
      derivative = try graph.apply(Elementwise(.reciprocal), x)
    case .erf:
      let minusSquare = try graph.scale(try graph.apply(Elementwise(.square), x), by: -1)
      derivative = try graph.scale(
        try graph.apply(Elementwise(.exp), minusSquare), by: 1.128_379_167_095_512_6)
    case .gelu:
      derivative = try graph.apply(Elementwise(.geluSlope), x)
    case .geluSlope:
      // phi(x) (2 - x^2)
      let square = try graph.apply(Elementwise(.square), x)
      let density = try graph.scale(
        try graph.apply(Elementwise(.exp), try graph.scale(square, by: -0.5)),
        by: 0.398_942_280_401_432_7)
      derivative = try graph.multiply(density, try graph.affine(square, factor: -1, offset: 2))
    case .abs:
      derivative = try graph.apply(Elementwise(.sign), x)
    case .squareRoot:
      derivative = try graph.scale(try graph.apply(Elementwise(.reciprocal), y), by: 0.5)
    case .square:
      derivative = try graph.scale(x, by: 2)
    case .reciprocal:
      derivative = try graph.scale(try graph.apply(Elementwise(.square), y), by: -1)
    case .sin:
      derivative = try graph.apply(Elementwise(.cos), x)
    case .cos:
      derivative = try graph.scale(try graph.apply(Elementwise(.sin), x), by: -1)
    case .power(let exponent):
      if exponent == 0 { return [nil] }
      let lower = try graph.apply(Elementwise(.power(exponent: exponent - 1)), x)
      derivative = try graph.scale(lower, by: exponent)
    case .clip(let lower, let upper):
      // The result is inside where the operand is, and the operand need not be kept.
      derivative = try graph.apply(Elementwise(.inside(lower: lower, upper: upper)), y)
    case .hardSigmoid(let alpha, _):
      let inside = try graph.apply(Elementwise(.inside(lower: 0, upper: 1)), y)
      derivative = try graph.scale(inside, by: alpha)
    case .hardSwish:
      derivative = try graph.apply(Elementwise(.hardSwishSlope), x)
    case .hardSwishSlope:
      let inside = try graph.apply(Elementwise(.inside(lower: -3, upper: 3)), x)
      derivative = try graph.scale(inside, by: 1 / 3)
    }
    return [try graph.multiply(application.cotangent, derivative)]
  }
}
