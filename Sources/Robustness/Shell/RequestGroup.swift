import Synchronization

/// Several inputs asked about at once: resumed when the last is answered.
final class RequestGroup: Sendable {
  private struct State {
    var replies: [Reply?]
    var missing: Int
    var error: (any Error)?
  }

  private let state: Mutex<State>
  private let continuation: UnsafeContinuation<[Reply], any Error>

  init(count: Int, _ continuation: UnsafeContinuation<[Reply], any Error>) {
    state = Mutex(State(replies: Array(repeating: nil, count: count), missing: count))
    self.continuation = continuation
  }

  func receive(_ result: Result<Reply, any Error>, at position: Int) {
    let ending = state.withLock { state -> Result<[Reply], any Error>? in
      switch result {
      case .success(let reply): state.replies[position] = reply
      case .failure(let error): state.error = state.error ?? error
      }
      state.missing -= 1
      guard state.missing == 0 else { return nil }
      return state.error.map { .failure($0) } ?? .success(state.replies.compactMap { $0 })
    }
    if let ending { continuation.resume(with: ending) }
  }
}
