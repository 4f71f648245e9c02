import Archives

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
}
