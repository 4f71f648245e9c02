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
