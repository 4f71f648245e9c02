import Robustness

extension Catalogue {
  /// Attacks for threats that are no balls.
  static let beyond: [CatalogueRow] = [
    CatalogueRow(
      "the worst of several random points of the threat (Engstrom 2019)", [.draws], .none,
      trial: ["samples": "30"]
    ) {
      RandomDraws(samples: $0.integer(.draws))
    },
    CatalogueRow(
      "every point of a grid, such as all angles and shifts (Engstrom 2019)",
      [.gridValues, .gridLimit], .none, norms: [], worksBeyondBalls: true
    ) {
      Grid(values: $0.integer(.gridValues), limit: $0.integer(.gridLimit))
    },
    CatalogueRow(
      "the smallest blur, fog, rotation and the like, by a line search",
      [.scannedSteps, .halvings], .none, norms: [], worksBeyondBalls: true
    ) {
      BoundarySearch(steps: $0.integer(.scannedSteps), halvings: $0.integer(.halvings))
    },
    CatalogueRow(
      "a smooth flow of the pixels (stAdv, Xiao 2018)",
      [.steps(100), .stepSize(.radii(0.1)), .smoothness, .marginObjective], .none, norms: [],
      worksBeyondBalls: true
    ) {
      SpatialTransformation(
        steps: $0.integer(.steps(100)), stepSize: $0.number(.stepSize),
        smoothness: $0.number(.smoothness) ?? 0, loss: $0.loss)
    },
  ]

  /// The search of one change for many examples, which `Shell.shared` runs; no row of its own, for it is not judged
  /// example by example.
  public static let universal = CatalogueRow(
    "one change shared by all examples (Moosavi-Dezfooli 2017, Shafahi 2020); a patch without a place is put anywhere",
    [
      .epochs, .sharedStarts, .stepSize(.radii(0.25)), .lossClip, .objective, .heldOut,
      .patchDegrees,
      .patchScale,
    ], .none
  ) {
    SharedAscent(
      epochs: $0.integer(.epochs), starts: $0.integer(.sharedStarts),
      stepSize: $0.number(.stepSize),
      clip: $0.number(.lossClip) ?? .infinity, loss: $0.loss,
      degrees: $0.number(.patchDegrees) ?? 0, scale: $0.number(.patchScale) ?? 1)
  }

  /// The share of examples that `universal` does not see.
  public static func heldOut(_ options: [String: String]) -> Double {
    Double(options[Parameter.heldOut.name] ?? "") ?? 0.5
  }
}
