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
    }
  }

  /// The cotangent: the arriving one times the derivative, written in terms of the result where possible.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, y) = (application.operands[0], application.result)
    let derivative: Value
    switch function {
    case .step, .sign:
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
    }
    return [try graph.multiply(application.cotangent, derivative)]
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
