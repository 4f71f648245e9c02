import CKernels
import Platform
public import Tensors

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
      Float(beta1), Float(beta2), Float(epsilon), part.decay(weightDecay), Float(correction1),
      Float(correction2))
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    Double.exp(Double(exponent) * Double.log(base))
  }
}

/// Adam with decoupled weight decay: the parameters shrink by themselves, not by way of the gradient.
///
/// theta <- (1 - rate decay) theta, then a step of Adam, as PyTorch's `AdamW` does. Loshchilov and Hutter, 2019,
/// https://arxiv.org/abs/1711.05101.
public struct AdamW: Optimizer {
  /// What a parameter shrinks by in a step, over the learning rate; at least 0.
  public let weightDecay: Double
  private var adam: Adam

  /// Creates the optimiser at rest.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) {
    self.weightDecay = weightDecay
    adam = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
  }

  /// The share of the running mean kept at each step.
  public var beta1: Double { adam.beta1 }
  /// The share of the running mean of squares kept at each step.
  public var beta2: Double { adam.beta2 }
  /// Added to the root, so that the step stays bounded.
  public var epsilon: Double { adam.epsilon }

  /// The running means, `mean/NAME` and `variance/NAME`.
  public var state: [String: Tensor<Float>] {
    get { adam.state }
    set { adam.state = newValue }
  }

  /// One line that names the optimiser and its constants.
  public var description: String {
    "adamw(\(beta1), \(beta2), epsilon \(epsilon), weight decay \(weightDecay))"
  }

  /// The running means of one parameter.
  public func stateNames(for parameter: String) -> [String] { adam.stateNames(for: parameter) }

  /// Moves a part of one parameter a step.
  public func move(_ part: ParameterPart, rate: Double, step: Int) {
    // Taken off rather than multiplied: 1 - rate decay would round to few digits of the decay.
    gibbon_add_scaled(part.values, part.values, part.count, -part.decay(rate * weightDecay))
    adam.move(part, rate: rate, step: step)
  }
}
