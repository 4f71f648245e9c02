/// Every attack, one row each.
public enum Catalogue {
  /// The rows, simplest first.
  public static let rows: [CatalogueRow] =
    largestLoss + nearest + sparse + scores + labels + beyond

  /// The row of a name.
  ///
  /// - Throws: `OptionError.attack` if there is none.
  public static func row(named name: String) throws(OptionError) -> CatalogueRow {
    guard let row = (rows + [universal]).first(where: { $0.name == name }) else {
      throw .attack(name, known: (rows + [universal]).map(\.name))
    }
    return row
  }
}
