import CKernels
import Platform
public import Tensors

/// How parameters follow their gradients.
public protocol Optimizer: Sendable {
  /// One line that names the optimiser and its constants.
  var description: String { get }

  /// The tensors that the next step depends on, so that training can be interrupted.
  var state: [String: Tensor<Float>] { get set }

  /// The names in `state`, after the first step, of the tensors that go with one parameter.
  func stateNames(for parameter: String) -> [String]

  /// Moves a part of one parameter a step; each value follows from its own gradient and memory alone.
  ///
  /// - Parameters:
  ///   - part: The values, in place.
  ///   - rate: The learning rate.
  ///   - step: The number of steps taken before.
  func move(_ part: ParameterPart, rate: Double, step: Int)
}

/// A run of neighbouring values of a parameter, with what an optimiser needs to move them.
public struct ParameterPart {
  /// The values.
  public let values: UnsafeMutablePointer<Float>
  /// What the optimiser remembers of them, in the order of `Optimizer.stateNames(for:)`; zeros at first.
  public let memory: [UnsafeMutablePointer<Float>]
  /// Their gradient.
  public let gradient: UnsafePointer<Float>
  /// The number of values.
  public let count: Int

  /// A smaller part.
  func part(_ range: Range<Int>) -> ParameterPart {
    ParameterPart(
      values: values + range.lowerBound, memory: memory.map { $0 + range.lowerBound },
      gradient: gradient + range.lowerBound, count: range.count)
  }
}

extension Optimizer {
  /// Moves parameters one step.
  ///
  /// - Parameters:
  ///   - parameters: The parameters, in place.
  ///   - gradients: A gradient for each.
  ///   - rate: The learning rate.
  ///   - step: The number of steps taken before.
  public mutating func update(
    _ parameters: inout [String: Tensor<Float>], along gradients: [String: Tensor<Float>],
    rate: Double, step: Int
  ) {
    for (name, gradient) in gradients {
      guard var parameter = parameters.removeValue(forKey: name) else { continue }
      precondition(parameter.count == gradient.count, "shapes differ")
      let memory = MovedTensor.memory(of: self, for: name, count: gradient.count)
      parameter.withUnsafeMutableScalars { values in
        gradient.scalars.withUnsafeBufferPointer { gradient in
          guard let values = values.baseAddress, let slope = gradient.baseAddress else { return }
          let part = ParameterPart(
            values: values, memory: memory.map(\.pointer), gradient: slope, count: gradient.count)
          move(part, rate: rate, step: step)
        }
      }
      parameters[name] = parameter
      for (name, moved) in zip(stateNames(for: name), memory) {
        state[name] = moved.tensor(gradient.shape)
      }
    }
  }
}

/// Values at an address that stays, so that many steps can change them in place.
///
/// `@unchecked Sendable` because it is handed from thread to thread and never used by two at once.
final class MovedTensor: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Copies a tensor, or begins with zeros.
  init(_ tensor: Tensor<Float>?, count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(count, 1))
    if let tensor, tensor.count == count {
      pointer.initialize(from: tensor.scalars, count: count)
    } else {
      pointer.initialize(repeating: 0, count: count)
    }
  }

  deinit { pointer.deallocate() }

  /// The present values.
  func tensor(_ shape: Shape) -> Tensor<Float> {
    Tensor(Array(UnsafeBufferPointer(start: pointer, count: count)), shape: shape)
  }

  /// What an optimiser remembers of a parameter.
  static func memory(
    of optimizer: some Optimizer, for parameter: String, count: Int
  ) -> [MovedTensor] {
    optimizer.stateNames(for: parameter).map { MovedTensor(optimizer.state[$0], count: count) }
  }
}

/// Stochastic gradient descent with momentum (heavy ball) and weight decay, as PyTorch defines it.
///
/// v <- momentum v + g + decay theta; theta <- theta - rate v.
public struct SGD: Optimizer {
  /// The share of the velocity kept at each step, in [0, 1).
  public let momentum: Double
  /// The factor of the squared-norm penalty's gradient, at least 0.
  public let weightDecay: Double
  /// The velocities.
  public var state: [String: Tensor<Float>] = [:]

  /// Creates the optimiser at rest.
  public init(momentum: Double = 0.9, weightDecay: Double = 0) {
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  /// One line that names the optimiser and its constants.
  public var description: String { "sgd(momentum \(momentum), weight decay \(weightDecay))" }

  /// The velocity of one parameter.
  public func stateNames(for parameter: String) -> [String] { [parameter] }

  /// Moves a part of one parameter a step.
  public func move(_ part: ParameterPart, rate: Double, step: Int) {
    gibbon_sgd(
      part.values, part.memory[0], part.gradient, part.count, Float(rate), Float(momentum),
      Float(weightDecay))
  }
}

/// Adam: steps scaled by running means of the gradient and of its square.
///
/// Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980, with weight decay added to the gradient as PyTorch's
/// `Adam` does.
public struct Adam: Optimizer {
  /// The share of the running mean kept at each step.
  public let beta1: Double
  /// The share of the running mean of squares kept at each step.
  public let beta2: Double
  /// Added to the root, so that the step stays bounded.
  public let epsilon: Double
  /// The factor of the squared-norm penalty's gradient, at least 0.
  public let weightDecay: Double
  /// The running means, `mean/NAME` and `variance/NAME`.
  public var state: [String: Tensor<Float>] = [:]

  /// Creates the optimiser at rest.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// One line that names the optimiser and its constants.
  public var description: String {
    "adam(\(beta1), \(beta2), epsilon \(epsilon), weight decay \(weightDecay))"
  }

  /// The running means of one parameter.
  public func stateNames(for parameter: String) -> [String] {
    ["mean/" + parameter, "variance/" + parameter]
  }

  /// Moves a part of one parameter a step.
  public func move(_ part: ParameterPart, rate: Double, step: Int) {
    // The means are kept with shares rounded to `Float`; 1 - 0.999 rounds to five digits only, so the
    // corrections must be those of the rounded shares.
    let correction1 = 1 - power(Double(Float(beta1)), step + 1)
    let correction2 = 1 - power(Double(Float(beta2)), step + 1)
    gibbon_adam(
      part.values, part.memory[0], part.memory[1], part.gradient, part.count, Float(rate),
      Float(beta1), Float(beta2), Float(epsilon), Float(weightDecay), Float(correction1),
      Float(correction2))
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    Double.exp(Double(exponent) * Double.log(base))
  }
}

/// The learning rate over the course of training.
public enum Schedule: Hashable, Sendable, CustomStringConvertible {
  /// One rate throughout.
  case constant(rate: Double)
  /// The rate times `factor` after each of the given shares of the training, in (0, 1).
  case steps(rate: Double, at: [Double], factor: Double)
  /// From 0 up to the rate at a share `peak` of the training, in [0, 1), and down to 0 at its end.
  case cyclic(rate: Double, peak: Double)
  /// From the rate down to 0 along half a cosine.
  case cosine(rate: Double)

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - step: The number of steps before.
  ///   - total: The number of steps of the whole training.
  /// - Returns: The learning rate, at least 0.
  public func rate(at step: Int, of total: Int) -> Double {
    // The middle of the step, so that a rise from 0 does not waste the first step.
    let share = (Double(step) + 0.5) / Double(max(total, 1))
    switch self {
    case .constant(let rate):
      return rate
    case .steps(let rate, let shares, let factor):
      return shares.reduce(rate) { $1 <= share ? $0 * factor : $0 }
    case .cyclic(let rate, let peak):
      return rate * (share < peak ? share / peak : (1 - share) / (1 - peak))
    case .cosine(let rate):
      return rate * (1 + cos(Double.pi * share)) / 2
    }
  }

  /// The schedule in words.
  public var description: String {
    switch self {
    case .constant(let rate): "constant \(rate)"
    case .steps(let rate, let shares, let factor): "\(rate), times \(factor) at \(shares)"
    case .cyclic(let rate, let peak): "cyclic, \(rate) at \(peak)"
    case .cosine(let rate): "cosine from \(rate)"
    }
  }
}
