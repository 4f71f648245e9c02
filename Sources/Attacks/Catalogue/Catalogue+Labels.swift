extension Catalogue {
  /// Attacks that see labels only.
  static let labels: [CatalogueRow] = []
}
