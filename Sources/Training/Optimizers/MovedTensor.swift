import Tensors

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
