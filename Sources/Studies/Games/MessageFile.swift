import Archives
import Datasets
import Files

/// Messages with a label each: a line for each, the label, a tab and the text.
struct MessageFile {
  /// The file.
  let source: String
  /// The words of each message, in small letters.
  let texts: [[String]]
  /// Whether each is spam.
  let isSpam: [Bool]

  /// Reads messages in UTF-8, gzipped or not; a first line of other labels holds the names of the columns.
  ///
  /// - Throws: `StudyError` or an error of the file that names the line.
  init(path: String) throws {
    let file = try FileContents(inflating: path)
    source = file.name
    var (texts, isSpam): ([[String]], [Bool]) = ([], [])
    for (number, line) in file.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let text = String(decoding: line, as: UTF8.self)
      guard text.contains(where: { !$0.isWhitespace }) else { continue }
      let parts = text.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw StudyError(
          "\(source), line \(number + 1): found no tab; expected a label (spam or ham), a tab and the text"
        )
      }
      let label = parts[0].lowercased()
      guard label == "spam" || label == "ham" else {
        if number == 0 { continue }
        throw StudyError(
          "\(source), line \(number + 1): the label is '\(parts[0].prefix(20))'; expected spam or ham"
        )
      }
      texts.append(Self.words(parts[1]))
      isSpam.append(label == "spam")
    }
    guard texts.count > 9, isSpam.contains(true), isSpam.contains(false) else {
      throw StudyError("\(source): \(texts.count) messages; expected at least 10, of both kinds")
    }
    self.texts = texts
    self.isSpam = isSpam
  }

  /// Runs of letters, digits and apostrophes.
  private static func words(_ text: Substring) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
  }
}
