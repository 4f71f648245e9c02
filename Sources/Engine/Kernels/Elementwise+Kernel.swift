import COneDNN
import Graphs

extension Elementwise {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    switch implementation {
    case .oneDNN(let algorithm, let alpha, let beta):
      let x = try planner.place(operands[0])
      let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
      try planner.emit(
        .elementwise(algorithm, x.layout, alpha: alpha, beta: beta),
        [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, y)])
    case .vector(let kernel): try kernel.lower(value, operands[0], on: planner)
    case .definition: try planner.lowerByDefinition(self, value, operands)
    }
  }

  /// How a function is computed.
  private enum Implementation {
    /// By oneDNN's algorithm with its two constants.
    case oneDNN(dnnl_alg_kind_t, alpha: Float = 0, beta: Float = 0)
    /// Eight values at a time.
    case vector(VectorFunction)
    /// Value by value, as the operator defines it.
    case definition
  }

  /// The only table of implementations: a new function must choose one of them.
  private var implementation: Implementation {
    switch function {
    case .relu: .oneDNN(dnnl_eltwise_relu)
    case .leakyReLU(let slope): .oneDNN(dnnl_eltwise_relu, alpha: slope)
    case .affine(let factor, let offset):
      .oneDNN(dnnl_eltwise_linear, alpha: factor, beta: offset)
    case .elu(let alpha): .oneDNN(dnnl_eltwise_elu, alpha: alpha)
    case .sigmoid: .oneDNN(dnnl_eltwise_logistic)
    case .tanh: .oneDNN(dnnl_eltwise_tanh)
    case .exp: .oneDNN(dnnl_eltwise_exp)
    case .abs: .oneDNN(dnnl_eltwise_abs)
    case .squareRoot: .oneDNN(dnnl_eltwise_sqrt)
    case .square: .oneDNN(dnnl_eltwise_square)
    case .erf: .vector(.erf)
    case .gelu: .vector(.gelu)
    case .geluSlope: .vector(.geluSlope)
    case .step: .vector(.step)
    case .sign: .vector(.sign)
    case .reciprocal: .vector(.reciprocal)
    case .sin: .vector(.sin)
    case .cos: .vector(.cos)
    case .power(let exponent): .vector(.power(exponent))
    case .clip(let lower, let upper): .vector(.clip(lower: lower, upper: upper))
    case .inside(let lower, let upper): .vector(.inside(lower: lower, upper: upper))
    case .hardSigmoid(let alpha, let beta): .vector(.hardSigmoid(alpha: alpha, beta: beta))
    case .hardSwish: .vector(.hardSwish)
    case .hardSwishSlope: .vector(.hardSwishSlope)
    case .floor: .vector(.floor)
    case .ceiling: .vector(.ceiling)
    case .round: .vector(.round)
    // oneDNN's logarithms are off by 1e-6 near 1.
    case .log, .softplus: .definition
    }
  }
}
