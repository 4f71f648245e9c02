import Models
import Synchronization
import Tensors

/// Requests that go through the engine together.
///
/// `@unchecked Sendable`: filled under the dispatcher's lock, then run by the engine thread alone,
/// then emptied by the workers, each request by the one that claimed it.
final class Batch: @unchecked Sendable {
  let storage: BatchStorage
  let pass: Pass
  private(set) var count = 0
  /// How many batches were sent while this one, smaller than they, waited; guarded by the dispatcher's lock.
  var passedOver = 0
  private let capacity: Int
  private let requests: UnsafeMutablePointer<Request>
  private let claimed = Atomic<Int>(0)
  private let answered = Atomic<Int>(0)
  private var error: (any Error)?

  init(storage: BatchStorage, capacity: Int, pass: Pass) {
    self.storage = storage
    self.capacity = capacity
    self.pass = pass
    requests = .allocate(capacity: capacity)
  }

  deinit {
    let first = min(claimed.load(ordering: .acquiring), count)
    (requests + first).deinitialize(count: count - first)
    requests.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// Whether every request has been claimed.
  var isExhausted: Bool { claimed.load(ordering: .relaxed) >= count }

  func append(_ request: Request) {
    (requests + count).initialize(to: request)
    count += 1
  }

  /// Marks the batch as one that will not be run.
  func fail(_ error: any Error) { self.error = error }

  /// Packs the rows and calls the model, on the engine thread; with as many at once as fit in memory.
  ///
  /// - Returns: What the model threw.
  func run(on model: any BatchedModel, _ fitting: BatchFitting) -> (any Error)? {
    let size = storage.inputCount
    for index in 0..<count {
      requests[index].input.withUnsafeScalars { source in
        guard let from = source.baseAddress, let base = storage.rows.baseAddress else { return }
        (base + index * size).update(from: from, count: size)
      }
    }
    do {
      var first = 0
      while first < count {
        let part = first..<min(count, first + fitting.rows)
        do {
          try run(part, on: model)
        } catch  where fitting.shrink(after: part.count, error) {
          continue
        }
        fitting.confirm()
        first = part.upperBound
      }
    } catch {
      self.error = error
    }
    return error
  }

  private func run(_ part: Range<Int>, on model: any BatchedModel) throws {
    let (size, width) = (storage.inputCount, storage.outputCount)
    func values(_ count: Int) -> Range<Int> { part.lowerBound * count..<part.upperBound * count }
    let rows = UnsafeBufferPointer(rebasing: storage.rows[values(size)])
    let outputs = UnsafeMutableBufferPointer(rebasing: storage.outputs[values(width)])
    switch pass {
    case .gradient:
      let gradients = UnsafeMutableBufferPointer(rebasing: storage.gradients[values(size)])
      try model.differentiate(rows, count: part.count, outputs: outputs, gradients: gradients) {
        objectives(of: part, $0, $1)
      }
    case .forward:
      try model.evaluate(
        rows, count: part.count, memories: part.map { memory(of: requests[$0], for: model) },
        outputs: outputs)
    case .exact: try model.evaluateExactly(rows, count: part.count, outputs: outputs)
    }
  }

  /// What the model remembers of the search behind a request; nothing where it asks about several inputs at once.
  private func memory(
    of request: Request, for model: any BatchedModel
  ) -> (any SearchMemory)? {
    guard case .one = request.receiver else { return nil }
    if let memory = request.executor.memory { return memory }
    let memory = model.makeMemory()
    request.executor.memory = .some(memory)
    return memory
  }

  /// The losses of some rows and their derivatives.
  private func objectives(
    of part: Range<Int>, _ outputs: UnsafeBufferPointer<Float>,
    _ cotangents: UnsafeMutableBufferPointer<Float>
  ) {
    let width = storage.outputCount
    for index in part {
      let first = (index - part.lowerBound) * width
      let range = first..<first + width
      storage.losses[index] =
        requests[index].objective?.value(
          of: UnsafeBufferPointer(rebasing: outputs[range]),
          cotangent: UnsafeMutableBufferPointer(rebasing: cotangents[range])) ?? 0
    }
  }

  /// Takes the next request out, with its answer; `nil` when all are taken.
  ///
  /// - Returns: Also whether it was the last to be answered, so that the storage is free again.
  func claim() -> (request: Request, result: Result<Reply, any Error>, isLast: Bool)? {
    if isExhausted { return nil }
    let index = claimed.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
    guard index < count else { return nil }
    let request = (requests + index).move()
    let result: Result<Reply, any Error> = error.map { .failure($0) } ?? .success(reply(index))
    let isLast = answered.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == count
    return (request, result, isLast)
  }

  private func reply(_ index: Int) -> Reply {
    let size = pass == .gradient ? storage.inputCount : 0
    let width = storage.outputCount
    return Reply(
      outputs: Array(storage.outputs[index * width..<(index + 1) * width]),
      loss: storage.losses[index],
      gradient: Array(storage.gradients[index * size..<(index + 1) * size]))
  }
}
