import Metrics
import Settings
import Synchronization
import Training

/// The course of a training as it is written down: every so many steps, and after each epoch.
final class TrainingMetrics: Sendable {
  private let sinks: [any MetricsSink]
  private let interval: Int
  private let window = Mutex(Window())

  /// What was seen since the last record.
  private struct Window {
    var examples = 0
    var start = ContinuousClock.now
    var hasFailed = false
    /// The rate of the steps before an epoch's measurements, which take time of their own.
    var atEnd: Double?

    /// Examples per second; `nil` before the first.
    mutating func rate() -> Double? {
      let seconds = (ContinuousClock.now - start).seconds
      defer { (examples, start) = (0, .now) }
      return examples > 0 && seconds > 0 ? Double(examples) / seconds : nil
    }
  }

  /// Opens what is asked for; `nil` if nothing is.
  ///
  /// - Parameters:
  ///   - asked: Where to.
  ///   - step: The step from which a training is resumed, whose earlier records are kept; `nil` to begin anew.
  /// - Throws: `StudyError`, or an error of the file.
  init?(_ asked: TrainingSpecification, from step: Int?) throws {
    var sinks: [any MetricsSink] = []
    if let path = asked.metrics {
      sinks.append(
        try Setting.metrics.reading(path) { try MetricsFile(path: path, keepingThrough: step) })
    }
    if let folder = asked.tensorboard {
      sinks.append(
        try Setting.tensorboard.reading(folder) {
          try EventFile(folder: folder, keepingThrough: step)
        })
    }
    if sinks.isEmpty { return nil }
    self.sinks = sinks
    interval = asked.metricsEvery
  }

  /// Begins to count the time.
  func begin() { window.withLock { $0.start = .now } }

  /// Tells a step; that at the end of an epoch is told with the epoch.
  func add(_ progress: Trainer.Progress, isLastOfEpoch: Bool, _ observer: Observer) {
    let rate = window.withLock { window -> Double?? in
      window.examples += progress.count
      if isLastOfEpoch {
        window.atEnd = window.rate()
        return .none
      }
      guard progress.step % interval == 0 else { return .none }
      return .some(window.rate())
    }
    guard let rate else { return }
    write(
      MetricsRecord(
        step: progress.step, epoch: progress.epoch,
        values: values([
          ("loss", progress.loss), ("accuracy", progress.accuracy), ("rate", progress.rate),
          ("examples_per_second", rate),
        ])), observer)
  }

  /// Tells what an epoch came to.
  func add(
    _ record: EpochRecord, epoch: Int, step: Int, learningRate: Double?, _ observer: Observer
  ) {
    let rate = window.withLock { $0.atEnd }
    let heldOut = record.heldOut
    write(
      MetricsRecord(
        step: step, epoch: epoch,
        values: values([
          ("loss", record.loss), ("accuracy", record.accuracy), ("rate", learningRate),
          ("examples_per_second", rate), ("validation_accuracy", record.validationAccuracy),
          ("validation_robust_accuracy", record.robustAccuracy),
          ("held_out_accuracy", heldOut?.natural),
          ("held_out_robust_accuracy", heldOut?.robust),
          ("held_out_one_step_accuracy", heldOut?.oneStep),
          ("held_out_verified_accuracy", heldOut?.verified),
        ])), observer)
  }

  /// Those that there are.
  private func values(_ all: [(String, Double?)]) -> [(name: String, value: Double)] {
    all.compactMap { name, value in value.map { (name: name, value: $0) } }
  }

  /// A training goes on without its metrics; they are not what it is for.
  private func write(_ record: MetricsRecord, _ observer: Observer) {
    for sink in sinks {
      do {
        try sink.append(record)
      } catch {
        let isFirst = window.withLock { window in
          defer { window.hasFailed = true }
          return !window.hasFailed
        }
        if isFirst { observer.warn("\(error); the training goes on") }
      }
    }
    window.withLock { $0.start = .now }
  }
}
