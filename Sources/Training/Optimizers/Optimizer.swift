public import Tensors

/// How parameters follow their gradients.
public protocol Optimizer: Sendable {
  /// One line that names the optimiser and its constants.
  var description: String { get }

  /// The tensors that the next step depends on, so that training can be interrupted.
  var state: [String: Tensor<Float>] { get set }

  /// The names in `state`, after the first step, of the tensors that go with one parameter.
  func stateNames(for parameter: String) -> [String]

  /// Moves the parameters one step.
  ///
  /// - Parameters:
  ///   - parameters: The parameters, in place.
  ///   - gradients: A gradient for each.
  ///   - rate: The learning rate.
  ///   - step: The number of steps taken before.
  mutating func update(
    _ parameters: inout [String: Tensor<Float>], along gradients: [String: Tensor<Float>],
    rate: Double, step: Int)
}

extension Tensor where Scalar == Float {
  /// In-place access to several tensors of one shape at once.
  static func withPointers(
    _ first: inout Tensor, _ second: inout Tensor, _ gradient: Tensor,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int)
      -> Void
  ) {
    let count = gradient.count
    precondition(first.count == count && second.count == count, "shapes differ")
    first.withUnsafeMutableScalars { first in
      second.withUnsafeMutableScalars { second in
        gradient.scalars.withUnsafeBufferPointer { gradient in
          guard let first = first.baseAddress, let second = second.baseAddress,
            let gradient = gradient.baseAddress
          else { return }
          body(first, second, gradient, count)
        }
      }
    }
  }
}
