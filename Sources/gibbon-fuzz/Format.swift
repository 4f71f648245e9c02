/// A kind of file that is read from outside, and what reads it.
struct Format: Sendable {
  /// What the command line calls it.
  let name: String
  /// Honest files, in memory.
  let seeds: @Sendable (Fixtures) throws -> [[UInt8]]
  /// Reads a file to the end of all that it holds; throws what the reader throws.
  let read: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

  /// Whole files of about as many bytes that would take a careless reader the square of their size.
  var long: @Sendable (_ byteCount: Int) throws -> [LongFile] = { _ in [] }

  /// All formats; whoever adds a reader of outside files adds it here.
  static let all: [Format] = archives + images + data + networks + models
}
