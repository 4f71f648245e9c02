import COneDNN
import Graphs

extension Elementwise: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard let (algorithm, alpha, beta) = algorithm else {
      if let kernel = VectorFunction(function) {
        try kernel.lower(value, operands[0], on: planner)
      } else {
        try planner.lowerByDefinition(self, value, operands)
      }
      return
    }
    let x = try planner.place(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    try planner.emit(
      .elementwise(algorithm, x.layout, alpha: alpha, beta: beta),
      [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, y)])
  }

  /// oneDNN's algorithm with its two constants; `nil` where it has none of full accuracy.
  private var algorithm: (dnnl_alg_kind_t, alpha: Float, beta: Float)? {
    switch function {
    case .relu: (dnnl_eltwise_relu, 0, 0)
    case .leakyReLU(let slope): (dnnl_eltwise_relu, slope, 0)
    case .affine(let factor, let offset): (dnnl_eltwise_linear, factor, offset)
    case .elu(let alpha): (dnnl_eltwise_elu, alpha, 0)
    case .sigmoid: (dnnl_eltwise_logistic, 0, 0)
    case .tanh: (dnnl_eltwise_tanh, 0, 0)
    case .exp: (dnnl_eltwise_exp, 0, 0)
    case .abs: (dnnl_eltwise_abs, 0, 0)
    case .squareRoot: (dnnl_eltwise_sqrt, 0, 0)
    case .square: (dnnl_eltwise_square, 0, 0)
    // oneDNN's logarithms are off by 1e-6 near 1.
    case .log, .softplus, .step, .erf, .gelu, .geluSlope, .sign, .reciprocal, .sin, .cos, .power,
      .clip,
      .inside,
      .hardSigmoid, .hardSwish, .hardSwishSlope, .floor, .ceiling, .round:
      nil
    }
  }
}
