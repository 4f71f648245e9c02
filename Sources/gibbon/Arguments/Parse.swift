import Studies
import ArgumentParser

/// Readers of the values of options, which say what they expect.
///
/// Options that use them take the next word whatever it is, since a negative number looks like an option.
enum Parse {
  /// A whole number.
  static func integer(_ text: String) throws -> Int {
    guard let value = Int(text) else { throw StudyError("expected a whole number") }
    return value
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    guard let value = UInt64(text) else {
      throw StudyError("expected a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  /// Any number.
  static func number(_ text: String) throws -> Double {
    guard let value = Double(text) else { throw StudyError("expected a number") }
    return value
  }

  /// Checks settings; what is wrong is an error of the command's words.
  static func check(_ work: () throws -> Void) throws {
    do { try work() } catch let error as StudyError { throw ValidationError(error.description) }
  }
}
