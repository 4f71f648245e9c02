import Files
import Platform

/// Records of a training as a file of events in a folder, which TensorBoard shows while it grows.
///
/// A training that is resumed goes on in a new file, which tells TensorBoard to forget what the earlier ones say of
/// later steps. Each event is written at once.
public final class EventFile: MetricsSink {
  /// The path of the file.
  public let path: String

  private let file: SharedFile

  /// What names of such files begin with.
  static let prefix = "events.out.tfevents."

  /// Creates a file of events in a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder of the training, which is made if there is none.
  ///   - step: The last step whose earlier records are kept; `nil` to begin anew.
  ///   - time: When the training begins or goes on, in seconds since 1970.
  /// - Throws: `FileError`.
  public init(
    folder: String, keepingThrough step: Int? = nil, time: Double = MetricsRecord.now
  ) throws {
    try Folder.create(folder)
    // TensorBoard reads the files of a folder in the order of their names, and none again after the next.
    let earlier = try Folder.names(in: folder).filter { $0.hasPrefix(EventFile.prefix) }
    let newest = earlier.compactMap { name in
      Int(name.dropFirst(EventFile.prefix.count).prefix { $0 != "." })
    }.max()
    let seconds = max(Int(time), newest.map { min($0, Int.max - 1) + 1 } ?? 0)
    let digits = String(seconds)
    let name =
      EventFile.prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + "."
      + EventFile.host + ".\(getpid())"
    path = folder + "/" + name
    file = try SharedFile(path: path)
    try append(.version(time: time))
    // Its readers overlook the first such event of a folder, so the first file has one as well.
    try append(.start(time: time, step: (step ?? -1) + 1))
  }

  /// Adds an event with the record's values.
  ///
  /// - Throws: `FileError`, such as for a full disk; then nothing of the event is in the file.
  public func append(_ record: MetricsRecord) throws {
    try append(
      .scalars(
        time: record.time, step: record.step,
        record.values + [
          ("epoch", Double(record.epoch))
        ]))
  }

  private func append(_ event: Event) throws(FileError) {
    try file.append(EventFile.framed(event.bytes))
  }

  /// An event as it stands in the file: its length, the length's checksum, the event and its checksum.
  static func framed(_ event: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(event.count).littleEndian) { Array($0) }
    func sum(_ bytes: [UInt8]) -> [UInt8] {
      withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian) { Array($0) }
    }
    return length + sum(length) + event + sum(event)
  }

  /// The machine's name, as a part of a file's name.
  private static var host: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
    let name = String(
      decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let safe = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
    return safe.isEmpty ? "localhost" : safe
  }
}
