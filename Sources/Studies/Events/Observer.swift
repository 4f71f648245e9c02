import Synchronization

/// Who is told what a study does.
///
/// Events come one after the other from any thread; who takes long over one delays the work.
public struct Observer: Sendable {
  private let receive: @Sendable (StudyEvent) -> Void

  /// An observer to whom events are given by a closure.
  public init(_ receive: @escaping @Sendable (StudyEvent) -> Void) { self.receive = receive }

  /// Nobody.
  public static let none = Observer { _ in }

  /// Tells an event.
  public func tell(_ event: StudyEvent) { receive(event) }

  /// Tells something that is good to know.
  package func note(_ line: String) { receive(.note(line)) }

  /// Tells something that may make the result wrong.
  package func warn(_ line: String) { receive(.warning(line)) }

  /// Says how what is finished is kept from now on; `nil` if nothing is to be kept any more.
  package func keep(size: Int = 0, _ save: (@Sendable () -> String)?) {
    receive(.resumable(save.map { StudyEvent.Resumption(save: $0, size: size) }))
  }

  /// Begins a stage.
  ///
  /// - Parameters:
  ///   - title: What is being done.
  ///   - total: How many parts there are.
  ///   - unit: What they are.
  ///   - first: How many were done before.
  /// - Returns: What tells its progress.
  package func begin(
    _ title: String, of total: Int, _ unit: String, from first: Int = 0
  ) -> StageObserver {
    StageObserver(self, title, unit, total, first)
  }
}

/// Tells how far one stage has come; from any thread.
package final class StageObserver: Sendable {
  private let observer: Observer
  private let stage: StudyEvent.Stage
  private let start = ContinuousClock.now

  private static let count = Atomic(0)

  fileprivate init(
    _ observer: Observer, _ title: String, _ unit: String, _ total: Int, _ first: Int
  ) {
    self.observer = observer
    let (_, id) = StageObserver.count.add(1, ordering: .relaxed)
    stage = StudyEvent.Stage(id: id, title: title, unit: unit, total: total, first: first)
    observer.tell(.began(stage))
  }

  /// Tells how many parts are done.
  package func show(_ done: Int, detail: String = "") {
    let seconds = (ContinuousClock.now - start).seconds
    let rate = Double(done - stage.first) / max(seconds, 1e-9)
    observer.tell(
      .progress(StudyEvent.Progress(stage: stage, done: done, rate: rate, detail: detail)))
  }

  /// Tells that nothing more comes for the time being.
  package func finish() { observer.tell(.ended(stage)) }
}

extension Duration {
  /// The duration as a number of seconds.
  package var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
