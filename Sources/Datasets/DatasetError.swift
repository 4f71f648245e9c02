import Archives

/// What is wrong with a data set: where, and what was expected there.
public struct DatasetError: Error, Hashable, Sendable {
  /// The ways in which data can be refused.
  public enum Kind: Hashable, Sendable {
    /// The file cannot be opened or read.
    case unreadable
    /// The compressed data are damaged, cut short or followed by something else.
    case compression
    /// The data decompress to more than is allowed.
    case tooLarge
    /// The file does not follow its format.
    case format
    /// Well-formed files that do not belong together or cannot serve as examples.
    case content
    /// The contents are not the ones that the name promises.
    case digest
    /// The reference on the command line is not understood.
    case reference
  }

  /// The way in which the data were refused.
  public let kind: Kind

  /// The file, or the text of the reference.
  public let source: String

  /// The offset in bytes of the place in `source`, where there is one.
  public let offset: Int?

  /// What was found and what was expected.
  public let message: String

  /// Creates an error from its parts.
  public init(_ kind: Kind, in source: String, at offset: Int? = nil, _ message: String) {
    self.kind = kind
    self.source = source
    self.offset = offset
    self.message = message
  }
}

extension DatasetError: CustomStringConvertible {
  /// One line: the source, the place and the message.
  public var description: String { ArchiveError.line(source, at: offset, message) }
}

extension DatasetError {
  /// What is wrong with a file before its format is looked at.
  init(_ error: ArchiveError) {
    let kind: Kind =
      switch error.kind {
      case .unreadable: .unreadable
      case .compression: .compression
      case .tooLarge: .tooLarge
      case .format: .format
      }
    self.init(kind, in: error.source, at: error.offset, error.message)
  }

  /// Runs work whose errors are those of files.
  static func converting<Result>(
    _ work: () throws(ArchiveError) -> Result
  ) throws(DatasetError) -> Result {
    do throws(ArchiveError) { return try work() } catch { throw DatasetError(error) }
  }

  /// Throws if what a file begins with is a page or a pointer that came in its place.
  static func refuseStandIn(
    _ start: [UInt8], in source: String, expected: String
  ) throws(DatasetError) {
    if let standIn = StandIn(start: start) {
      throw DatasetError(
        .format, in: source, standIn.refusal(of: source, expected: expected))
    }
  }
}
