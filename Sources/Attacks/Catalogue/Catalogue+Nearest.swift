extension Catalogue {
  /// Attacks that look for the nearest point by gradients.
  static let nearest: [CatalogueRow] = [
    CatalogueRow(
      "steps across the linearised boundary, drawn to the example (Croce 2020)",
      [.steps(100), .nearestTargets(9), .rivals, .restarts, .patience, .reach], .within(1.05),
      norms: Hyperplane.norms, trial: ["steps": "20"]
    ) {
      FAB(
        steps: $0.integer(.steps(100)), targets: $0.integer(.nearestTargets(9)),
        rivals: $0.integer(.rivals), starts: $0.integer(.restarts),
        patience: $0.integer(.patience), reach: $0.number(.reach) ?? 0)
    }
  ]
}
