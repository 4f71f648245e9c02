import Synchronization
import Tensors

/// One input that waits for the engine, and who waits for the answer.
struct Request: Sendable {
  enum Receiver: Sendable {
    case one(UnsafeContinuation<Reply, any Error>)
    case member(RequestGroup, Int)
  }

  let pass: Pass
  let input: Tensor<Float>
  /// What to differentiate, in a pass with a gradient.
  let objective: (any Objective)?
  let lane: Lane
  let receiver: Receiver

  /// Hands the answer over; the row that asked runs on from here.
  func resume(with result: Result<Reply, any Error>) {
    lane.pending.wrappingSubtract(1, ordering: .relaxed)
    switch receiver {
    case .one(let continuation): continuation.resume(with: result)
    case .member(let group, let position): group.receive(result, at: position)
    }
  }
}
