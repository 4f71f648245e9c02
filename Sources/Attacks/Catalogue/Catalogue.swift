/// Every attack, one row each.
public enum Catalogue {
  /// The rows, simplest first.
  public static let rows: [CatalogueRow] =
    largestLoss + nearest + sparse + scores + labels + beyond

  /// The rows and that of the search of one change for many examples.
  public static let all: [CatalogueRow] = rows + [universal]

  /// The row of a name.
  ///
  /// - Throws: `OptionError.attack` if there is none.
  public static func row(named name: String) throws(OptionError) -> CatalogueRow {
    guard let row = all.first(where: { $0.name == name }) else {
      throw .attack(name, known: all.map(\.name))
    }
    return row
  }
}
