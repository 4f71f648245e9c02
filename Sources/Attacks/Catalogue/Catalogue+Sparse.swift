import Robustness

extension Catalogue {
  /// Attacks on few pixels, and along the boundary.
  static let sparse: [CatalogueRow] = [
    CatalogueRow(
      "pixels two by two, by the Jacobian's saliency map (Papernot 2016)",
      [.theta, .changedShare, .steps(100), .saliencyTargets(3), .saliencyDirection, .reduction],
      .none,
      norms: [.zero], trial: ["gamma": "1.0", "steps": "20", "reduction": "20"]
    ) {
      JSMA(
        theta: $0.number(.theta) ?? 1, gamma: $0.number(.changedShare) ?? 0.1,
        steps: $0.integer(.steps(100)), targets: $0.integer(.saliencyTargets(3)),
        direction: $0.word(.saliencyDirection) ?? "both", reduction: $0.integer(.reduction))
    },
    CatalogueRow(
      "descent on a smooth stand-in for the number of pixels (Cina 2024)",
      [.steps(1000), .firstRate, .smoothing, .sparseThreshold, .thresholdAdaptation, .reduction],
      .within(1.05),
      norms: [.zero], trial: ["steps": "50"]
    ) {
      SigmaZero(
        steps: $0.integer(.steps(1000)), rate: $0.number(.firstRate) ?? 1,
        sigma: $0.number(.smoothing) ?? 1e-3, threshold: $0.number(.sparseThreshold) ?? 0.3,
        adaptation: $0.number(.thresholdAdaptation) ?? 0.01, reduction: $0.integer(.reduction))
    },
    CatalogueRow(
      "along the boundary by trust regions (Brendel 2019)",
      [.steps(300), .trust, .boundaryMomentum, .boundaryOvershoot, .reduction], .within(1.05),
      trial: ["steps": "30", "reduction": "40"]
    ) {
      BrendelBethge(
        steps: $0.integer(.steps(300)), trust: $0.number(.trust) ?? 0.3,
        momentum: $0.number(.boundaryMomentum) ?? 0.3,
        overshoot: $0.number(.boundaryOvershoot) ?? 0.02, reduction: $0.integer(.reduction))
    },
    CatalogueRow(
      "few coordinates onto the boundary's tangent (Modas 2019)",
      [.steps(20), .innerSteps, .comparedRivals, .tangentShift, .boundaryOvershoot, .reduction],
      .within(1.05), norms: [.one, .zero], trial: ["reduction": "40"]
    ) {
      SparseFool(
        steps: $0.integer(.steps(20)), inner: $0.integer(.innerSteps),
        rivals: $0.integer(.comparedRivals), lambda: $0.number(.tangentShift) ?? 3,
        overshoot: $0.number(.boundaryOvershoot) ?? 0.02, reduction: $0.integer(.reduction))
    },
    CatalogueRow(
      "a few pixels by differential evolution (Su 2019)",
      [.pixelCount, .evolutionPopulation, .steps(100)],
      .none, norms: [.zero], trial: ["population": "20", "steps": "10"]
    ) {
      OnePixel(
        pixels: $0.number(.pixelCount).map { Int($0) },
        population: $0.integer(.evolutionPopulation),
        steps: $0.integer(.steps(100)))
    },
    CatalogueRow(
      "noise with pixel after pixel put back, from labels (Schott 2019)",
      [.pointwiseQueries, .restarts], .none, norms: [.zero], trial: ["queries": "200"]
    ) {
      Pointwise(queries: $0.integer(.pointwiseQueries), restarts: $0.integer(.restarts))
    },
  ]
}
