import COneDNN
import Graphs
import Models
import Tensors

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

/// Functions that oneDNN lacks or computes slowly, eight values at a time.
///
/// The error function is within 5e-7 of itself. Every value is computed alike, whatever its neighbours.
enum VectorFunction {
  case erf, gelu, geluSlope, step, sign, reciprocal
  case sin, cos, hardSwish, hardSwishSlope, floor, ceiling, round
  case power(Float)
  case clip(lower: Float, upper: Float)
  case inside(lower: Float, upper: Float)
  case hardSigmoid(alpha: Float, beta: Float)

  private typealias Vector = SIMD8<Float>

  /// Adds the step, in the operand's layout where that has no gaps.
  func lower(_ value: Value, _ operand: Value, on planner: Planner) throws(EngineError) {
    let count = planner.shape(of: value).count
    var x = try planner.place(operand)
    // The gaps of a padded layout must stay zero.
    if x.layout.byteCount != count * MemoryLayout<Float>.stride {
      x = try planner.placePlain(operand)
    }
    let y = try planner.define(value, as: x.layout, inPlaceOf: operand)
    planner.emitHost("elementwise", [x, y]) { pointers in
      let (source, target) = (UnsafeRawPointer(pointers[0]), pointers[1])
      let vectors = (count + 7) / 8
      OpenMP.split(vectors) { range in
        for index in range {
          let rest = count - 8 * index
          let offset = index * MemoryLayout<Vector>.stride
          if rest >= 8 {
            let x = source.loadUnaligned(fromByteOffset: offset, as: Vector.self)
            target.storeBytes(of: callAsFunction(x), toByteOffset: offset, as: Vector.self)
          } else {
            let from = (source + offset).assumingMemoryBound(to: Float.self)
            let to = (target + offset).assumingMemoryBound(to: Float.self)
            var x = Vector()
            for lane in 0..<rest { x[lane] = from[lane] }
            let y = callAsFunction(x)
            for lane in 0..<rest { to[lane] = y[lane] }
          }
        }
      }
    }
  }

  @inline(__always)
  private func callAsFunction(_ x: Vector) -> Vector {
    switch self {
    case .erf: Self.errorFunction(x)
    case .gelu: x * Self.distribution(x)
    case .geluSlope:
      // phi(x) = exp(-x^2 / 2) / sqrt(2 pi)
      Self.distribution(x) + x * (0.398_942_28 * Self.exp(-0.5 * x * x))
    case .step: Vector().replacing(with: 1, where: x .> 0)
    case .sign:
      Vector().replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
    case .reciprocal: 1 / x
    case .sin: Self.each(x) { Float.sin($0) }
    case .cos: Self.each(x) { Float.cos($0) }
    case .power(let exponent):
      exponent == 3 ? x * x * x : Self.each(x) { Float.pow($0, exponent) }
    case .clip(let lower, let upper): Self.clip(x, lower, upper)
    case .inside(let lower, let upper):
      Vector().replacing(with: 1, where: (x .> lower) .& (x .< upper))
    case .hardSigmoid(let alpha, let beta): Self.clip(alpha * x + beta, 0, 1)
    case .hardSwish: x * Self.clip(x / 6 + 0.5, 0, 1)
    case .hardSwishSlope:
      (x / 3 + 0.5).replacing(with: 0, where: x .<= -3).replacing(with: 1, where: x .>= 3)
    case .floor: x.rounded(.down)
    case .ceiling: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    }
  }

  /// Values between two bounds; NaN stays NaN.
  @inline(__always)
  private static func clip(_ x: Vector, _ lower: Float, _ upper: Float) -> Vector {
    let above = x.replacing(with: lower, where: x .< lower)
    return above.replacing(with: upper, where: above .> upper)
  }

  /// A function of the C library for each of eight values.
  @inline(__always)
  private static func each(_ x: Vector, _ function: (Float) -> Float) -> Vector {
    var result = Vector()
    for lane in 0..<8 { result[lane] = function(x[lane]) }
    return result
  }

  /// The normal distribution function.
  @inline(__always)
  private static func distribution(_ x: Vector) -> Vector {
    0.5 + 0.5 * errorFunction(0.707_106_77 * x)
  }

  /// An odd rational function on [-4, 4], beyond which single precision rounds to -1 and 1.
  @inline(__always)
  private static func errorFunction(_ x: Vector) -> Vector {
    let x = x.clamped(lowerBound: Vector(repeating: -4), upperBound: Vector(repeating: 4))
    let z = x * x
    var above: Vector = -2.726_142_258e-10 * z + 2.770_681_425e-8
    above = above * z - 2.101_024_020_8e-6
    above = above * z - 5.692_506_394_6e-5
    above = above * z - 7.349_906_303_3e-4
    above = above * z - 2.954_599_808_5e-3
    above = above * z - 1.609_603_332_6e-2
    var below: Vector = -1.456_607_184_65e-5 * z - 2.133_740_552_8e-4
    below = below * z - 1.682_826_974_4e-3
    below = below * z - 7.373_329_167_2e-3
    below = below * z - 1.426_473_905_1e-2
    return x * above / below
  }

  /// The exponential of numbers that are not positive.
  @inline(__always)
  private static func exp(_ x: Vector) -> Vector {
    let clamped = x.replacing(with: Vector(repeating: -87), where: x .< -87)
    // Adding 1.5 * 2^23 leaves the nearest integer in the lowest bits.
    let shifted: Vector = clamped * 1.442_695_04 + 12_582_912
    let whole: Vector = shifted - 12_582_912
    let rest: Vector = (clamped - whole * 0.693_359_375) + whole * 2.121_944_4e-4
    var sum: Vector = 1.987_569_1e-4 * rest + 1.398_199_95e-3
    sum = sum * rest + 8.333_451_9e-3
    sum = sum * rest + 4.166_579_6e-2
    sum = sum * rest + 1.666_666_5e-1
    sum = sum * rest + 5e-1
    sum = sum * rest * rest + rest + 1
    let bits = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
    let power = unsafeBitCast((bits &+ 127) &<< 23, to: Vector.self)
    return sum * power
  }
}
