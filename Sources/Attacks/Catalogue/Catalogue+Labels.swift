import Robustness

extension Catalogue {
  /// Attacks that see labels only.
  static let labels: [CatalogueRow] = [
    CatalogueRow(
      "a random walk along the boundary (Brendel 2018)", [.labelQueries(25_000)],
      .within(1.05), norms: BoundaryAttack.norms, trial: ["queries": "400"]
    ) {
      BoundaryAttack(queries: $0.integer(.labelQueries(25_000)))
    },
    CatalogueRow(
      "along the boundary by estimates of its normal (Chen 2020)",
      [.labelQueries(10_000), .draws(100)], .within(1.05), norms: HopSkipJump.norms,
      trial: ["queries": "400"]
    ) {
      HopSkipJump(
        queries: $0.integer(.labelQueries(10_000)), draws: $0.integer(.draws(100)))
    },
    CatalogueRow(
      "the nearest points of planes that stand for the boundary (Rahmati 2020)",
      [.labelQueries(10_000)], .within(1.05), norms: GeoDA.norms, heuristicNorms: [.one],
      trial: ["queries": "400"]
    ) {
      GeoDA(queries: $0.integer(.labelQueries(10_000)))
    },
    CatalogueRow(
      "descent on the boundary's distance by signs of its slopes (Cheng 2020)",
      [.labelQueries(10_000), .draws(200)], .within(1.05), norms: SignOPT.norms,
      heuristicNorms: [.infinity], trial: ["queries": "400", "draws": "50"]
    ) {
      SignOPT(queries: $0.integer(.labelQueries(10_000)), draws: $0.integer(.draws(200)))
    },
    CatalogueRow(
      "the nearest boundary along a vector of signs (Chen 2020)", [.labelQueries(10_000)],
      .within(1.05), norms: RayS.norms, trial: ["queries": "400"]
    ) {
      RayS(queries: $0.integer(.labelQueries(10_000)))
    },
  ]
}
