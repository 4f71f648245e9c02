extension Catalogue {
  /// Attacks that see outputs only.
  static let scores: [CatalogueRow] = [
    CatalogueRow("random noise of the same size", [.samples], .none) {
      RandomNoise(samples: $0.integer(.samples))
    }
  ]
}
