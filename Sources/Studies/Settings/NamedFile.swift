import Archives
import Datasets
import Files
import Settings

extension Setting {
  /// Reads what the setting names; where there is no such file, or none that can be read, the error names the setting,
  /// too.
  ///
  /// - Parameters:
  ///   - value: What was given.
  ///   - work: What reads it.
  /// - Returns: What `work` gives.
  /// - Throws: What `work` throws; `StudyError` instead of an error about a file that cannot be read.
  func reading<Result>(_ value: String, _ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch  where Setting.isUnreadable(error) {
      let line = "\(error)"
      // The file may be all that was given, or part of it.
      throw StudyError("\(self) " + (line.hasPrefix("\(value):") ? line : "\(value): \(line)"))
    }
  }

  private static func isUnreadable(_ error: any Error) -> Bool {
    switch error {
    case let error as DatasetError: error.kind == .unreadable
    case let error as ArchiveError: error.kind == .unreadable
    default: error is FileError
    }
  }
}
