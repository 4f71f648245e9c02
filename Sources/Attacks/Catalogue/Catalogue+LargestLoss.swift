import Robustness

extension Catalogue {
  /// Attacks that climb a loss inside the threat by its gradient.
  static let largestLoss: [CatalogueRow] = basic + adaptive

  /// The plain ones.
  private static let basic: [CatalogueRow] = [
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

  /// Those that adapt their steps, go toward several classes or have none to choose.
  private static let adaptive: [CatalogueRow] = [
    CatalogueRow(
      "projected ascent that adapts its steps (Croce 2020, 2021)",
      [.steps(100), .restarts, .objective, .targets(0)], .within(1.05),
      norms: [.infinity, .two, .one]
    ) {
      APGD(
        steps: $0.integer(.steps(100)), loss: $0.loss, targets: $0.integer(.targets(0)),
        restarts: $0.integer(.restarts))
    },
  ]
}
