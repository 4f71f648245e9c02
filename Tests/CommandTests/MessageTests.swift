import Foundation
import TestSupport
import Testing

/// The guide to messages, held to the sources.
@Suite struct MessageTests {
  /// A row of the guide.
  struct Row: Sendable {
    /// The message as it was; `nil` of a new one.
    let before: String?
    /// The message as it is.
    let now: String
    /// The number of its line.
    let line: Int
  }

  /// The rows of all tables.
  private static func rows() throws -> [Row] {
    let text = try String(
      contentsOfFile: Fixtures.package + "/Documentation/Messages.md", encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line in
        guard line.hasPrefix("| "), line.hasSuffix(" |"), !line.hasPrefix("| before |"),
          !line.hasPrefix("| --- |")
        else { return nil }
        let cells = line.dropFirst(2).dropLast(2)
          .replacing("\\|", with: "\u{0}").components(separatedBy: " | ")
          .map { $0.replacing("\u{0}", with: "|").replacing("\\", with: "") }
        guard cells.count == 2 else { return Row(before: nil, now: "", line: index + 1) }
        return Row(before: cells[0] == "(new)" ? nil : cells[0], now: cells[1], line: index + 1)
      }
  }

  @Test("a hundred messages and more, each as the sources have it, and none as it was")
  func sources() throws {
    let rows = try Self.rows()
    let sources = try MessageSources()
    #expect(rows.count >= 100)
    for row in rows {
      #expect(sources.hold(row.now), "Messages.md:\(row.line): \(row.now)")
      if let before = row.before, !row.now.hasPrefix(before) {
        #expect(!sources.hold(before), "Messages.md:\(row.line): \(before)")
      }
      let length = row.now.replacing(/\{[^}]*\}/, with: "twelve chars").count
      #expect(length <= 200, "Messages.md:\(row.line): \(length) characters")
    }
    #expect(!sources.hold("a message that nobody {wrote} down"))
  }
}

/// The texts of all sources, in which messages are found.
struct MessageSources {
  private let text: [UInt8]

  /// Reads the sources: literals that are added up become one, settings are written with dashes.
  init() throws {
    let root = Fixtures.package + "/Sources"
    var text: [UInt8] = []
    let files = try #require(FileManager.default.enumerator(atPath: root))
    for case let path as String in files where path.hasSuffix(".swift") {
      guard !path.hasSuffix(".pb.swift") else { continue }
      MessageSources.append(
        try Array(Data(contentsOf: URL(filePath: root + "/" + path))), to: &text)
    }
    self.text = text
  }

  private static func append(_ source: [UInt8], to text: inout [UInt8]) {
    let setting = Array("\\(Setting.".utf8)
    var place = 0
    while place < source.count {
      let rest = source[place...]
      if rest.starts(with: setting) {
        let name = rest.dropFirst(setting.count).prefix { $0 != UInt8(ascii: ")") }
        text += "--".utf8
        for byte in name {
          let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          text += isCapital ? [UInt8(ascii: "-"), byte | 0x20] : [byte]
        }
        place = name.endIndex + 1
      } else if let end = MessageSources.joint(rest) {
        place = end
      } else {
        let isEscaped = rest.starts(with: "\\\"".utf8)
        text.append(isEscaped ? UInt8(ascii: "\"") : source[place])
        place += isEscaped ? 2 : 1
      }
    }
    text.append(0)
  }

  /// Where a literal goes on that ends here and to which another is added.
  private static func joint(_ source: ArraySlice<UInt8>) -> Int? {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }
    guard source.first == UInt8(ascii: "\"") else { return nil }
    let plus = source.dropFirst().drop(while: isSpace)
    guard plus.first == UInt8(ascii: "+") else { return nil }
    let next = plus.dropFirst().drop(while: isSpace)
    return next.first == UInt8(ascii: "\"") ? next.startIndex + 1 : nil
  }

  /// Whether a message is among them: what stands around its braces, in turn and near to one another.
  ///
  /// What names the file and the line may be added elsewhere.
  func hold(_ message: String) -> Bool {
    let own = message.replacing(/^(\{[^}]*\}: )+(line \{n\}: )?/, with: "")
    let pieces = own.split(separator: /\{[^}]*\}/).map { Array($0.utf8) }
    guard let first = pieces.first else { return false }
    var start = 0
    while let end = find(first, from: start, within: text.count) {
      start = end
      var place = end
      let isWhole = pieces.dropFirst().allSatisfy { piece in
        guard let next = find(piece, from: place, within: 250) else { return false }
        place = next
        return true
      }
      if isWhole { return true }
    }
    return false
  }

  /// The end of the first place of a piece.
  private func find(_ piece: [UInt8], from start: Int, within reach: Int) -> Int? {
    text.withUnsafeBufferPointer { text in
      piece.withUnsafeBufferPointer { piece in
        let last = min(start + reach, text.count - piece.count)
        guard start <= last else { return nil }
        for place in start...last where text[place] == piece[0] {
          var length = 1
          while length < piece.count, text[place + length] == piece[length] { length += 1 }
          if length == piece.count { return place + length }
        }
        return nil
      }
    }
  }
}
