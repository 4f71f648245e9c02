public import JSON
import Platform

/// What was measured at one step of a training.
public struct MetricsRecord: Sendable {
  /// The number of steps taken.
  public var step: Int
  /// The present epoch, from 1.
  public var epoch: Int
  /// When it was measured, in seconds since 1970.
  public var time: Double
  /// The measured values by their names, in the order in which they are written.
  public var values: [(name: String, value: Double)]

  /// What every record has, so that no value may have the name.
  static let ownNames = ["step", "epoch", "time"]

  /// Creates a record.
  ///
  /// - Precondition: No two values have the same name, and none is called `step`, `epoch` or `time`.
  public init(
    step: Int, epoch: Int, time: Double = MetricsRecord.now,
    values: [(name: String, value: Double)]
  ) {
    precondition(
      Set(values.map(\.name) + MetricsRecord.ownNames).count == values.count + 3,
      "a value of the name of another")
    self.step = step
    self.epoch = epoch
    self.time = time
    self.values = values
  }

  /// The present time, in seconds since 1970.
  public static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The record as an object; values that are not finite are null.
  public var json: JSONValue {
    var object: JSONObject = [
      "step": JSONValue(step), "epoch": JSONValue(epoch),
      "time": JSONValue((time * 1000).rounded() / 1000),
    ]
    for (name, value) in values { object[name] = JSONValue(value) }
    return .object(object)
  }
}

/// What keeps records as they come.
public protocol MetricsSink: Sendable {
  /// Adds a record, which can be read from then on.
  ///
  /// - Throws: `FileError`, such as for a full disk.
  func append(_ record: MetricsRecord) throws
}

/// Why there can be no metrics at a place, in one line that names the file.
public struct MetricsError: Error, Hashable, CustomStringConvertible {
  /// The line.
  public let description: String

  init(_ description: String) { self.description = description }
}
