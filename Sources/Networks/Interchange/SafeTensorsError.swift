/// What is wrong with a safetensors file, in one line.
public struct SafeTensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named to the reader.
  public let file: String

  /// Where in the file: a tensor, or a byte of the header.
  public let place: String

  /// What was expected there, and what was found where that helps.
  public let expectation: String

  /// Whether the file is as the format has it, but holds what is not read.
  public private(set) var isUnsupported = false

  /// The three parts joined by colons.
  public var description: String { "\(file): \(place): \(expectation)" }

  /// Creates an error; control characters and excessive length are taken out of what files supply.
  public init(file: String, place: String, expectation: String, isUnsupported: Bool = false) {
    self.isUnsupported = isUnsupported
    self.file = SafeTensorsError.printable(file, limit: 4096)
    self.place = SafeTensorsError.printable(place, limit: 160)
    self.expectation = SafeTensorsError.printable(expectation, limit: 320)
  }

  /// The text on one line: control characters and line separators escaped, a long tail cut off.
  private static func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      guard index < limit else { return result + "..." }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
