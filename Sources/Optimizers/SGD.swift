import CKernels
public import Tensors

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
