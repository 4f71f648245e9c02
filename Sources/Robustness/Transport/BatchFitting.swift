import Models
import Synchronization

/// The most examples that fit in memory at once, as one run learns it.
final class BatchFitting: Sendable {
  private let largest: Atomic<Int>
  private let news: Mutex<(split: BatchSplit?, isTold: Bool)>
  private let report: @Sendable (BatchSplit) -> Void

  /// Bytes that a row takes outside of the engine, for each value of an example: rows and gradients of the batches
  /// in flight, and the points that attacks hold on to.
  private static let bytesPerValue = 128

  /// Begins with what fits in half of the memory outside of the engine.
  ///
  /// - Parameters:
  ///   - batch: The examples that were asked for.
  ///   - inputCount: The values of an example.
  ///   - memory: What there is.
  ///   - report: Told once that less fits than was asked for.
  init(
    batch: Int, inputCount: Int, memory: MemoryLimit,
    report: @escaping @Sendable (BatchSplit) -> Void
  ) {
    let needed = batch.multipliedReportingOverflow(by: 2 * Self.bytesPerValue * max(1, inputCount))
    var largest = batch
    var split: BatchSplit?
    if let available = memory.available, needed.overflow || needed.partialValue > available {
      while largest > 1, largest > available / (2 * Self.bytesPerValue * max(1, inputCount)) {
        largest /= 2
      }
      split = BatchSplit(
        asked: batch, needed: needed.overflow ? .max : needed.partialValue, available: available,
        largest: largest)
    }
    self.largest = Atomic(largest)
    news = Mutex((split, false))
    self.report = report
  }

  /// The most rows to pass at once.
  var rows: Int { largest.load(ordering: .relaxed) }

  /// Halves what is passed at once.
  ///
  /// - Parameters:
  ///   - count: The number of rows that did not fit.
  ///   - error: What the model threw.
  /// - Returns: Whether there is a smaller batch to try; `false` if the error is another one.
  func shrink(after count: Int, _ error: any Error) -> Bool {
    guard count > 1, let (needed, available) = (error as? any MemoryError)?.shortage else {
      return false
    }
    largest.store(count / 2, ordering: .relaxed)
    news.withLock { news in
      let first = news.split
      news.split = BatchSplit(
        asked: first?.asked ?? count, needed: first?.needed ?? needed,
        available: first?.available ?? available, largest: count / 2)
    }
    return true
  }

  /// Reports a split that proved to fit, the first time.
  func confirm() {
    let split = news.withLock { news -> BatchSplit? in
      guard !news.isTold, let split = news.split else { return nil }
      news.isTold = true
      return split
    }
    if let split { report(split) }
  }
}

/// A batch that did not fit in memory, and what was done about it.
public struct BatchSplit: Sendable, CustomStringConvertible {
  /// The examples of the batch that did not fit.
  public let asked: Int
  /// The bytes that it needs.
  public let needed: Int
  /// The bytes that there were.
  public let available: Int
  /// The most examples that are passed at once instead.
  public let largest: Int

  /// One line that says so.
  public var description: String {
    "\(asked) examples at once need \(needed) bytes of memory, and \(available) are available; "
      + "passing at most \(largest) at once"
  }
}
