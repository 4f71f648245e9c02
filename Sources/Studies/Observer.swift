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

/// What a study tells while it runs.
public enum StudyEvent: Sendable {
  /// A stage of the work has begun.
  case began(Stage)
  /// A stage has come farther.
  case progress(Progress)
  /// Nothing more comes of a stage for the time being, or at all.
  case ended(Stage)
  /// An example was finished on which the attack succeeded, by its index in the data.
  case broke(example: Int)
  /// Something that is good to know, in a line.
  case note(String)
  /// Something that may make the result wrong, in a line.
  case warning(String)
  /// A part of the work is done, in a line.
  case done(String)
  /// How what is finished can be kept from now on, should the process have to end; `nil` once there is nothing to keep.
  case resumable(Resumption?)
  /// The study has been cancelled and is about to say by its error what it has kept.
  case ending

  /// A stretch of work that consists of many like parts.
  public struct Stage: Sendable, Hashable, Identifiable {
    /// Tells stages of one process apart.
    public let id: Int
    /// What is being done, such as `evaluate`.
    public let title: String
    /// What the parts are, such as `examples`; empty where the title says it.
    public let unit: String
    /// How many parts there are.
    public let total: Int
    /// How many of them were done before, by an earlier run.
    public let first: Int
  }

  /// How far a stage has come.
  public struct Progress: Sendable, Hashable {
    /// The stage.
    public let stage: Stage
    /// How many of its parts are done, those of an earlier run included.
    public let done: Int
    /// Parts per second of this run, in the mean; 0 where none is done.
    public let rate: Double
    /// What else there is to say, such as the loss of a training; may be empty.
    public let detail: String

    /// Seconds until the end at this rate; `nil` where none is done in this run.
    public var secondsLeft: Double? {
      done > stage.first && rate > 0 ? Double(stage.total - done) / rate : nil
    }
  }

  /// How what is finished is kept where the process has to end before the study does.
  public struct Resumption: Sendable {
    /// Writes what is finished and says what happened; may be called on any thread while the work goes on.
    public let save: @Sendable () -> String
    /// How many bytes that writes, where that takes long; else 0.
    public let size: Int
  }
}
