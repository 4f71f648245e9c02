import Models
import Synchronization
import Tensors

/// The executor of one row: it forwards to the shared workers, so that they know whose job they
/// run.
///
/// Task executors: SE-0417.
final class Lane: TaskExecutor {
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
    if let worker = Worker.current, worker.isListening {
      worker.isListening = false
      worker.heard = Job(job: job, lane: self, isCounted: true)
    } else {
      dispatcher.push(
        Job(job: job, lane: self, isCounted: isCounted.load(ordering: .relaxed)))
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
          objective: objective, lane: self, receiver: .one(continuation)))
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
            lane: self, receiver: .member(group, position)))
      }
    }
  }
}
