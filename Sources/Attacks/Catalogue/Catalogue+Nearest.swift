extension Catalogue {
  /// Attacks that look for the nearest point by gradients.
  static let nearest: [CatalogueRow] = []
}
