import Files
import JSON

/// Records of a training as JSON lines: an object on each line, added as the training goes on.
///
///     {"step":600,"epoch":1,"time":1764540000.123,"loss":0.31,"accuracy":0.94}
///
/// Each line is written at once, so that whoever reads along sees whole lines. A training that is resumed from a
/// state takes back the lines after it; if each line is added before the state of its step is kept, the file becomes
/// what it would be without the interruption, apart from times.
public final class MetricsFile: MetricsSink {
  /// The path of the file.
  public let path: String

  private let file: SharedFile

  /// The longest line that is looked at.
  private static let longestLine = 1 << 20

  /// Begins a file, in the place of that of another training, or goes on with one.
  ///
  /// - Parameters:
  ///   - path: The file; its folder must exist.
  ///   - step: The last step whose records are kept; `nil` to begin anew.
  /// - Throws: `FileError`, or `MetricsError` for a file of something else, which stays as it is.
  public init(path: String, keepingThrough step: Int? = nil) throws {
    self.path = path
    file = try SharedFile(path: path)
    let end = try MetricsFile.end(of: file, lastStep: step ?? -1, isResumed: step != nil)
    if try file.size() > end { try file.cut(to: end) }
  }

  /// Adds a line.
  ///
  /// - Throws: `FileError`, such as for a full disk; then nothing of the line is in the file.
  public func append(_ record: MetricsRecord) throws {
    try file.append(record.json.bytes(.compact) + [UInt8(ascii: "\n")])
  }

  /// Where the records up to a step end.
  private static func end(
    of file: SharedFile, lastStep: Int, isResumed: Bool
  ) throws -> Int {
    let size = try file.size()
    var (end, number) = (0, 0)
    var window: ArraySlice<UInt8> = []
    while true {
      if window.firstIndex(of: 10) == nil {
        // What a killed run wrote in part has no end of line, and is written again.
        let count = min(size - end, longestLine)
        window = try file.bytes(in: end..<end + count)[...]
        guard window.contains(10) else {
          // Nothing but the beginning of a line is left, which has to be ours all the same.
          let isOurs = window.starts(with: opening) || opening.starts(with: window)
          guard count < longestLine, isOurs else { throw foreign(file.path, line: number + 1) }
          return end
        }
      }
      guard let last = window.firstIndex(of: 10) else { return end }
      let line = window[..<last]
      number += 1
      guard let step = (try? JSONValue(parsing: Array(line)))?["step"]?.intValue else {
        throw foreign(file.path, line: number)
      }
      if step > lastStep || !isResumed { return end }
      end += line.count + 1
      window = window[(last + 1)...]
    }
  }

  /// How each line begins.
  private static let opening = Array("{\"step\":".utf8)

  private static func foreign(_ path: String, line: Int) -> MetricsError {
    MetricsError(
      "\(path.terminalSafe): line \(line): expected metrics of a training, such as"
        + " {\"step\":600,\"epoch\":1,...}; the file is left as it is")
  }
}
