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
  /// Whether the optimiser's weight decay is for this parameter.
  public let decays: Bool

  /// A smaller part.
  func part(_ range: Range<Int>) -> ParameterPart {
    ParameterPart(
      values: values + range.lowerBound, memory: memory.map { $0 + range.lowerBound },
      gradient: gradient + range.lowerBound, count: range.count, decays: decays)
  }

  /// The same values with another gradient.
  func along(_ gradient: UnsafePointer<Float>) -> ParameterPart {
    ParameterPart(
      values: values, memory: memory, gradient: gradient, count: count, decays: decays)
  }

  /// A factor of weight decay, or 0 where this parameter is left out.
  func decay(_ factor: Double) -> Float { decays ? Float(factor) : 0 }
}

extension Optimizer {
  /// Moves parameters one step.
  ///
  /// - Parameters:
  ///   - parameters: The parameters, in place.
  ///   - gradients: A gradient for each.
  ///   - rate: The learning rate.
  ///   - step: The number of steps taken before.
  ///   - withoutDecay: The parameters that weight decay leaves out.
  public mutating func update(
    _ parameters: inout [String: Tensor<Float>], along gradients: [String: Tensor<Float>],
    rate: Double, step: Int, withoutDecay: Set<String> = []
  ) {
    for (name, gradient) in gradients {
      guard var parameter = parameters.removeValue(forKey: name) else { continue }
      precondition(parameter.count == gradient.count, "shapes differ")
      let memory = MovedTensor.memory(of: self, for: name, count: gradient.count)
      parameter.withUnsafeMutableScalars { values in
        gradient.scalars.withUnsafeBufferPointer { gradient in
          guard let values = values.baseAddress, let slope = gradient.baseAddress else { return }
          let part = ParameterPart(
            values: values, memory: memory.map(\.pointer), gradient: slope, count: gradient.count,
            decays: !withoutDecay.contains(name))
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
