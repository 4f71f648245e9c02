import Foundation
import Gibbon
import TestSupport
import Testing

/// The table of attacks in the guide to the library.
@Suite struct AttackTableTests {
  /// The table as the catalogue has it: the type, the name of the command, the properties.
  private static func table() throws -> [String] {
    let rows = try Catalogue.all.map { row in
      let attack = try row.attack([:])
      let properties = properties(of: attack)
      return "| `\(type(of: attack))` (`\(row.name)`) | "
        + properties.map { "`\($0)`" }.joined(separator: ", ") + " |"
    }
    return ["| attack | properties |", "| --- | --- |"] + rows
  }

  /// The properties, those of an attack within it by its name.
  private static func properties(of attack: any Attack) -> [String] {
    Mirror(reflecting: attack).children.flatMap { child -> [String] in
      guard let label = child.label else { return [] }
      guard let base = child.value as? any Attack else { return [label] }
      return properties(of: base).map { "\(label).\($0)" }
    }
  }

  @Test("the guide has the types and properties that there are; the expected table is printed")
  func guide() throws {
    let text = try String(
      contentsOfFile: Fixtures.package + "/Documentation/Library.md", encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex(of: "<!-- attacks -->"))
    let end = try #require(lines.firstIndex(of: "<!-- /attacks -->"))
    let expected = try Self.table()
    #expect(expected.count > 40)
    if Array(lines[(start + 1)..<end]) != expected {
      Issue.record("expected\n\(expected.joined(separator: "\n"))")
    }
  }

  @Test func everyOptionIsAProperty() throws {
    for row in Catalogue.all {
      let properties = Self.properties(of: try row.attack([:]))
      #expect(properties.count >= row.parameters.count, "\(row.name)")
    }
  }
}
