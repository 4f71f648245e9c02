import Attacks
import Foundation
import Networks
import Testing

/// Bad input of every kind: one clear line, exit status 2, and nothing left behind.
@Suite struct BadInputTests {
  /// A command line and the line it deserves.
  ///
  /// In both, words that begin with `in/` are files of `BadFiles`.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let message: String

    init(_ line: String, _ message: String) {
      self.line = line
      self.message = message
    }

    var testDescription: String { line }
  }

  /// The names of all attacks.
  static let attacks = Catalogue.all.map(\.name).joined(separator: ", ")

  private func check(_ bad: Case, tellsResult: Bool = false) throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder / "in", withDestinationPath: BadFiles.folder.path)
    let result = try Command.run(line: bad.line, in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty != tellsResult)
    #expect(result.errors == "gibbon: \(bad.message)\n")
    #expect(folder.names == ["in"])
  }

  @Test("the command line", arguments: words + attackWords + trainWords + showWords)
  func aCommandLine(bad: Case) throws { try check(bad) }

  @Test("games", arguments: games)
  func aGame(bad: Case) throws { try check(bad) }

  @Test("networks", arguments: networks)
  func aNetwork(bad: Case) throws { try check(bad) }

  @Test("data", arguments: data)
  func aDataSet(bad: Case) throws { try check(bad) }

  @Test("places to write to", arguments: places)
  func aPlace(bad: Case) throws { try check(bad) }

  #if os(Linux)
    @Test("a full disk", arguments: full)
    func aFullDisk(bad: Case) throws { try check(bad) }

    @Test("a full disk at the end does not take the result", arguments: fullAtTheEnd)
    func aFullDiskAtTheEnd(bad: Case) throws { try check(bad, tellsResult: true) }
  #endif
}
