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
