import Robustness

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
    },
    CatalogueRow(
      "steps onto the nearest linearised boundary (Moosavi-Dezfooli 2016)",
      [.steps(50), .rivals, .overshoot], .within(1.05), norms: Hyperplane.norms
    ) {
      DeepFool(
        steps: $0.integer(.steps(50)), rivals: $0.integer(.rivals),
        overshoot: $0.number(.overshoot) ?? 0.02)
    },
    CatalogueRow(
      "direction and size of the change adapted apart (Rony 2019)", [.steps(100)], .within(1.05),
      norms: [.two]
    ) {
      DDN(steps: $0.integer(.steps(100)))
    },
    CatalogueRow(
      "ascent in a ball whose radius follows the boundary (Pintor 2021)",
      [
        .steps(100),
        .stepSize(.words("10 in linf, 1 elsewhere, in units of the data's range")),
      ], .within(1.05), heuristicNorms: [.zero]
    ) {
      FMN(steps: $0.integer(.steps(100)), stepSize: $0.number(.stepSize))
    },
    CatalogueRow(
      "least distance plus a weighted margin, by Adam (Carlini 2017)",
      [.steps(1000), .goalWeights, .goalWeight("0.001"), .adamRate("0.01"), .confidence],
      .within(1.05),
      norms: [.infinity, .two, .zero], heuristicNorms: [.zero],
      trial: ["steps": "50", "constants": "6", "constant": "0.1", "rate": "0.05"]
    ) {
      CarliniWagner(
        steps: $0.integer(.steps(1000)), constants: $0.integer(.goalWeights),
        constant: $0.number(.goalWeight("0.001")) ?? 1e-3,
        rate: $0.number(.adamRate("0.01")) ?? 0.01,
        confidence: $0.number(.confidence) ?? 0)
    },
    CatalogueRow(
      "least distance plus a weighted cross-entropy, by L-BFGS within the bounds (Szegedy 2014)",
      [.steps(50), .goalWeights, .goalWeight("0.01")], .within(1.05), norms: [.two],
      trial: ["steps": "20"]
    ) {
      LBFGS(
        steps: $0.integer(.steps(50)), constants: $0.integer(.goalWeights),
        constant: $0.number(.goalWeight("0.01")) ?? 0.01)
    },
    CatalogueRow(
      "least elastic-net distance plus a weighted margin (Chen 2018)",
      [
        .steps(1000), .goalWeights, .goalWeight("0.001"), .adamRate("0.01"), .sparsity, .confidence,
      ], .none, norms: [.one],
      trial: ["steps": "50", "constants": "6", "constant": "0.1", "rate": "0.05"]
    ) {
      EAD(
        steps: $0.integer(.steps(1000)), constants: $0.integer(.goalWeights),
        constant: $0.number(.goalWeight("0.001")) ?? 1e-3,
        rate: $0.number(.adamRate("0.01")) ?? 0.01,
        sparsity: $0.number(.sparsity) ?? 0.01, confidence: $0.number(.confidence) ?? 0)
    },
  ]
}
