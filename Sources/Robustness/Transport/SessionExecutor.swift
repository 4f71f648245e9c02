import Models
import Synchronization
import Tensors

/// The executor of one row: it forwards to the shared workers, so that they know whose job they
/// run.
///
/// Task executors: SE-0417.
final class SessionExecutor: TaskExecutor {
  private let dispatcher: Dispatcher

  /// The inputs that wait for the engine.
  let pending = Atomic<Int>(0)

  /// The requests made so far; the watch looks for rows that stopped making any.
  let requests = Atomic<Int>(0)

  /// False while the row computes for long without asking, so that nobody waits for it.
  let isCounted = Atomic<Bool>(true)

  /// What the model remembers of this row's inputs, once it was asked for that; touched on the engine thread only.
  nonisolated(unsafe) var memory: (any SearchMemory)??

  init(_ dispatcher: Dispatcher) { self.dispatcher = dispatcher }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if let worker = Worker.current, worker.keepsNextJob {
      worker.keepsNextJob = false
      worker.keptJob = Job(job: job, executor: self, isCounted: true)
    } else {
      dispatcher.push(
        Job(job: job, executor: self, isCounted: isCounted.load(ordering: .relaxed)))
    }
  }

  /// Notes that the row asks for `count` inputs.
  func ask(_ count: Int) {
    pending.wrappingAdd(count, ordering: .relaxed)
    requests.wrappingAdd(1, ordering: .relaxed)
    if !isCounted.load(ordering: .relaxed) { isCounted.store(true, ordering: .relaxed) }
  }

  /// Sends one input through the engine.
  func evaluate(
    _ input: Tensor<Float>, objective: (any Objective)?, isExact: Bool = false
  ) async throws -> Reply {
    ask(1)
    return try await withUnsafeThrowingContinuation { continuation in
      dispatcher.submit(
        Request(
          pass: objective != nil ? .gradient : isExact ? .exact : .forward, input: input,
          objective: objective, executor: self, receiver: .one(continuation)))
    }
  }

  /// Sends several inputs through the engine.
  func evaluate(all inputs: [Tensor<Float>], objective: (any Objective)?) async throws -> [Reply] {
    if inputs.isEmpty { return [] }
    ask(inputs.count)
    return try await withUnsafeThrowingContinuation { continuation in
      let group = RequestGroup(count: inputs.count, continuation)
      for (position, input) in inputs.enumerated() {
        dispatcher.submit(
          Request(
            pass: objective == nil ? .forward : .gradient, input: input, objective: objective,
            executor: self, receiver: .member(group, position)))
      }
    }
  }
}

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
  let executor: SessionExecutor
  let receiver: Receiver

  /// Hands the answer over; the row that asked runs on from here.
  func resume(with result: Result<Reply, any Error>) {
    executor.pending.wrappingSubtract(1, ordering: .relaxed)
    switch receiver {
    case .one(let continuation): continuation.resume(with: result)
    case .member(let group, let position): group.receive(result, at: position)
    }
  }
}

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

/// What a request asks of the model.
enum Pass: Int, CaseIterable {
  /// The outputs, for an attack.
  case forward
  /// The outputs, for the runner's own judgement.
  case exact
  /// The outputs and a gradient.
  case gradient
}

/// What the engine computed for one input.
struct Reply: Sendable {
  let outputs: [Float]
  /// The value of the objective; zero for forward passes.
  let loss: Double
  /// The gradient with respect to the input; empty for forward passes.
  let gradient: [Float]

  /// The largest magnitude of an output, NaN apart.
  var size: Double { Double(outputs.reduce(0) { max($0, abs($1)) }) }
}
