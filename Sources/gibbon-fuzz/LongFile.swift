/// A file that is long in one way, such as a list of very many elements.
struct LongFile: Sendable {
  /// What there is much of.
  let name: String
  /// The file.
  let bytes: [UInt8]

  /// Creates a file.
  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Creates a file of a text.
  init(_ name: String, text: String) { self.init(name, Array(text.utf8)) }

  /// As many copies of something as fit.
  static func repeated(_ unit: [UInt8], _ byteCount: Int) -> [UInt8] {
    Array(repeatElement(unit, count: max(1, byteCount / unit.count)).joined())
  }

  /// As many copies of a text as fit.
  static func repeated(_ unit: String, _ byteCount: Int) -> String {
    String(repeating: unit, count: max(1, byteCount / unit.utf8.count))
  }

  /// Texts for the numbers from 0 until there are enough bytes.
  static func counted(_ byteCount: Int, _ unit: (Int) -> String) -> [String] {
    var texts: [String] = []
    var size = 0
    while size < byteCount {
      let text = unit(texts.count)
      size += text.utf8.count
      texts.append(text)
    }
    return texts
  }
}
