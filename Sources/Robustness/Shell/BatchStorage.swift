/// The contiguous buffers of one batch, used again and again.
///
/// `@unchecked Sendable` because it owns memory; one batch has it at a time.
final class BatchStorage: @unchecked Sendable {
  let rows: UnsafeMutableBufferPointer<Float>
  let outputs: UnsafeMutableBufferPointer<Float>
  let gradients: UnsafeMutableBufferPointer<Float>
  let losses: UnsafeMutableBufferPointer<Double>

  init(capacity: Int, inputCount: Int, outputCount: Int, withGradients: Bool) {
    rows = .allocate(capacity: capacity * inputCount)
    outputs = .allocate(capacity: capacity * outputCount)
    gradients = .allocate(capacity: withGradients ? capacity * inputCount : 0)
    losses = .allocate(capacity: capacity)
    rows.initialize(repeating: 0)
    outputs.initialize(repeating: 0)
    gradients.initialize(repeating: 0)
    losses.initialize(repeating: 0)
  }

  deinit {
    rows.deallocate()
    outputs.deallocate()
    gradients.deallocate()
    losses.deallocate()
  }
}
