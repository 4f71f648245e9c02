import Dispatch
import Platform
import Tensors

/// How the values of a parameter begin.
public enum Initialization: Hashable, Sendable {
  /// One value everywhere.
  case constant(Float)
  /// Uniform in [-bound, bound].
  case uniform(bound: Float)
  /// Normal with mean 0.
  case normal(deviation: Float)

  func draw(_ shape: Shape, from key: RandomKey) -> Tensor<Float> {
    switch self {
    case .constant(let value):
      return Tensor(repeating: value, shape: shape)
    case .uniform(let bound):
      var generator = key.generator
      return generator.uniforms(shape).map { (2 * $0 - 1) * bound }
    case .normal(let deviation):
      return Tensor(shape: shape) { Initialization.fill($0, from: key, deviation: deviation) }
    }
  }

  /// Normal numbers in parts with a key each, so that all processors draw a large weight.
  private static func fill(
    _ target: UnsafeMutableBufferPointer<Float>, from key: RandomKey, deviation: Float
  ) {
    let size = 1 << 16
    // The parts do not overlap.
    nonisolated(unsafe) let target = target
    DispatchQueue.concurrentPerform(iterations: (target.count + size - 1) / size) { part in
      var generator = key.child(part).generator
      let range = part * size..<min((part + 1) * size, target.count)
      for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
        // Box and Muller, in single precision.
        let radius = deviation * (-2 * logf(1 - generator.uniform())).squareRoot()
        let angle = 2 * Float.pi * generator.uniform()
        target[index] = radius * cosf(angle)
        if index + 1 < range.upperBound { target[index + 1] = radius * sinf(angle) }
      }
    }
  }
}

/// How the weight of a convolution or linear layer begins.
public enum WeightInitialization: Hashable, Sendable {
  /// Uniform within 1 / sqrt(fan-in), as PyTorch's layers begin.
  case uniform
  /// Normal with variance 2 / fan-in, which keeps the size of values through ReLUs.
  ///
  /// He, Zhang, Ren and Sun, 2015, https://arxiv.org/abs/1502.01852.
  case kaimingFanIn
  /// Normal with variance 2 / fan-out, which keeps the size of gradients through ReLUs.
  case kaimingFanOut
  /// Normal with a standard deviation.
  case normal(Float)
  /// Zeros.
  case zeros

  /// For a weight of outputs x inputs (x kernel height x kernel width).
  func start(of shape: Shape) -> Initialization {
    let fanIn = Float(shape.droppingFirst.count)
    let kernel = Float(shape.extents.dropFirst(2).reduce(1, *))
    return switch self {
    case .uniform: .uniform(bound: 1 / fanIn.squareRoot())
    case .kaimingFanIn: .normal(deviation: (2 / fanIn).squareRoot())
    case .kaimingFanOut: .normal(deviation: (2 / (Float(shape[0]) * kernel)).squareRoot())
    case .normal(let deviation): .normal(deviation: deviation)
    case .zeros: .constant(0)
    }
  }
}

/// Whether a convolution or linear layer has a bias, and how it begins.
public enum Bias: Hashable, Sendable {
  /// It has none.
  case absent
  /// Uniform within 1 / sqrt(fan-in), as PyTorch's layers begin.
  case uniform
  /// Zeros.
  case zeros

  /// For a layer with a weight of outputs x inputs (x kernel height x kernel width).
  func start(weight shape: Shape) -> Initialization? {
    switch self {
    case .absent: nil
    case .uniform: WeightInitialization.uniform.start(of: shape)
    case .zeros: .constant(0)
    }
  }
}
