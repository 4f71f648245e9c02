import Robustness

extension Catalogue {
  /// Attacks that see outputs only.
  static let scores: [CatalogueRow] = [
    CatalogueRow("random noise of the same size", [.samples], .none) {
      RandomNoise(samples: $0.integer(.samples))
    },
    CatalogueRow(
      "random search over square windows (Andriushchenko 2020)",
      [.queries(5000), .windowShare, .scoredObjective, .restarts, .patience], .none,
      norms: Square.norms,
      trial: ["queries": "200"]
    ) {
      Square(
        queries: $0.integer(.queries(5000)), share: $0.number(.windowShare) ?? 0.8,
        loss: $0.chosenLoss, restarts: $0.integer(.restarts), patience: $0.integer(.patience))
    },
    CatalogueRow(
      "Adam along differences in directions of random signs (Uesato 2018)",
      [
        .queries(10_000), .directions(64), .spread(0.01),
        .stepSize(.words("2.5 × the radius / (queries / (2 × samples)), at most the radius")),
        .scoredObjective, .restarts,
      ],
      .none, norms: SPSA.norms, trial: ["queries": "300", "samples": "10"]
    ) {
      SPSA(
        queries: $0.integer(.queries(10_000)), samples: $0.integer(.directions(64)),
        spread: $0.number(.spread(0.01)) ?? 0.01, stepSize: $0.number(.stepSize),
        loss: $0.chosenLoss, restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "steepest ascent along a gradient estimated from normal directions (Ilyas 2018)",
      [
        .queries(10_000), .directions(25), .spread(0.001), .stepSize(.radii(0.2)), .momentum(0.9),
        .scoredObjective, .restarts,
      ], .none, trial: ["queries": "300", "samples": "10"]
    ) {
      NES(
        queries: $0.integer(.queries(10_000)), samples: $0.integer(.directions(25)),
        spread: $0.number(.spread(0.001)) ?? 0.001, stepSize: $0.number(.stepSize),
        momentum: $0.number(.momentum(0.9)) ?? 0.9, loss: $0.chosenLoss,
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "one direction of a basis after the other (Guo 2019)",
      [
        .queries(10_000), .basisStep, .basis, .frequencies, .scoredCrossEntropy, .restarts,
      ], .none, trial: ["queries": "200"]
    ) {
      SimBA(
        queries: $0.integer(.queries(10_000)), stepSize: $0.number(.basisStep) ?? 0.2,
        basis: $0.word(.basis).flatMap { SimBA.Basis(rawValue: $0) } ?? .pixel,
        frequencies: $0.number(.frequencies) ?? 0.5, loss: $0.chosenLoss,
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "Carlini and Wagner's attack coordinate by coordinate (Chen 2017)",
      [
        .queries(100_000), .searches, .coordinates, .spread(0.001), .learningRate(0.01),
        .constant, .restarts,
      ], .none, norms: ZOO.norms,
      trial: ["queries": "3000", "coordinates": "12", "searches": "5", "learning-rate": "0.03"]
    ) {
      ZOO(
        queries: $0.integer(.queries(100_000)), searches: $0.integer(.searches),
        coordinates: $0.integer(.coordinates),
        learningRate: $0.number(.learningRate(0.01)) ?? 0.01,
        spread: $0.number(.spread(0.001)) ?? 0.001, constant: $0.number(.constant) ?? 0.1,
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "ascent along a direction learned from two queries at a time (Ilyas 2019)",
      [
        .queries(10_000), .tile, .stepSize(.radiiByNorm(infinity: 0.2, others: 0.1)), .spread(nil),
        .learningRate(nil), .exploration,
        .scoredCrossEntropy, .restarts,
      ], .none, trial: ["queries": "300", "tile": "1"]
    ) {
      Bandits(
        queries: $0.integer(.queries(10_000)), tile: $0.integer(.tile),
        stepSize: $0.number(.stepSize), spread: $0.number(.spread(nil)),
        learningRate: $0.number(.learningRate(nil)), exploration: $0.number(.exploration),
        loss: $0.chosenLoss, restarts: $0.integer(.restarts))
    },
  ]
}
