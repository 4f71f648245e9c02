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
