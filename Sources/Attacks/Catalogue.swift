/// Every attack, one row each.
public enum Catalogue {
  /// The rows, simplest first.
  public static let rows: [CatalogueRow] = [
    CatalogueRow("random noise of the same size", [.samples], .none) {
      RandomNoise(samples: $0.integer(.samples))
    },
    CatalogueRow(
      "one step along the gradient (Goodfellow 2015)",
      [.objective, .randomStart(false), .stepSize, .restarts], .exact
    ) {
      FGSM(
        loss: $0.loss, randomStart: $0.flag(.randomStart(false)), stepSize: $0.number(.stepSize),
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "projected gradient ascent (Madry 2018)",
      [.steps(40), .stepSize, .restarts, .momentum, .objective, .randomStart(true)],
      .within(1.05)
    ) {
      PGD(
        steps: $0.integer(.steps(40)), stepSize: $0.number(.stepSize),
        randomStart: $0.flag(.randomStart(true)), restarts: $0.integer(.restarts),
        momentum: $0.number(.momentum) ?? 0, loss: $0.loss)
    },
  ]

  /// The row of a name.
  ///
  /// - Throws: `OptionError.attack` if there is none.
  public static func row(named name: String) throws(OptionError) -> CatalogueRow {
    guard let row = rows.first(where: { $0.name == name }) else {
      throw .attack(name, known: rows.map(\.name))
    }
    return row
  }
}
