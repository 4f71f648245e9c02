import CKernels
public import Tensors

/// Stochastic gradient descent with momentum (heavy ball or Nesterov's) and weight decay, as PyTorch defines it.
///
/// v <- momentum v + g + decay theta; theta <- theta - rate v. With Nesterov's momentum
/// theta <- theta - rate (g + decay theta + momentum v), the step from where the momentum leads (Sutskever et al. 2013,
/// https://proceedings.mlr.press/v28/sutskever13.html).
public struct SGD: Optimizer {
  /// The share of the velocity kept at each step, in [0, 1).
  public let momentum: Double
  /// The factor of the squared-norm penalty's gradient, at least 0.
  public let weightDecay: Double
  /// Whether the momentum is Nesterov's.
  public let isNesterov: Bool
  /// The velocities.
  public var state: [String: Tensor<Float>] = [:]

  /// Creates the optimiser at rest.
  public init(momentum: Double = 0.9, weightDecay: Double = 0, nesterov isNesterov: Bool = false) {
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// One line that names the optimiser and its constants.
  public var description: String {
    "sgd(\(isNesterov ? "Nesterov momentum" : "momentum") \(momentum), weight decay \(weightDecay))"
  }

  /// The velocity of one parameter.
  public func stateNames(for parameter: String) -> [String] { [parameter] }

  /// Moves a part of one parameter a step.
  public func move(_ part: ParameterPart, rate: Double, step: Int) {
    let move = isNesterov ? gibbon_sgd_nesterov : gibbon_sgd
    move(
      part.values, part.memory[0], part.gradient, part.count, Float(rate), Float(momentum),
      part.decay(weightDecay))
  }
}
