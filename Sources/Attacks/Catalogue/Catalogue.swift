public import Robustness

/// Every attack, one row each.
public enum Catalogue {
  /// The rows, simplest first.
  public static let rows: [CatalogueRow] =
    maximumLoss + minimumNorm + sparse + scores + labels + beyond

  /// The rows and that of the search of one change for many examples.
  public static let all: [CatalogueRow] = rows + [universal]

  /// The row of a name.
  ///
  /// - Throws: `OptionError.attack` if there is none.
  public static func row(named name: String) throws(OptionError) -> CatalogueRow {
    guard let row = all.first(where: { $0.name == name }) else {
      throw .attack(name, known: all.map(\.name))
    }
    return row
  }

  /// The row of an attack; `nil` if it has none.
  public static func row(of attack: any Attack) -> CatalogueRow? {
    all.first { $0.name == type(of: attack).name }
  }

  /// Attacks that climb a loss inside the threat by its gradient.
  private static let maximumLoss: [CatalogueRow] = [
    CatalogueRow(FGSM.self, "one step along the gradient (Goodfellow 2015)", .exact),
    CatalogueRow(PGD.self, "projected gradient ascent (Madry 2018)", .within(1.05)),
    CatalogueRow(
      RFGSM.self, "a random step, then one along the gradient (Tramèr 2018)", .none),
    CatalogueRow(BIM.self, "small steps along the gradient (Kurakin 2017)", .within(1.5)),
    CatalogueRow(
      MIFGSM.self, "steps along gradients accumulated with momentum (Dong 2018)", .within(1.5)),
    CatalogueRow(NIFGSM.self, "momentum with gradients taken ahead (Lin 2020)", .within(1.5)),
    CatalogueRow(
      VMIFGSM.self, "momentum with gradients corrected by their neighbours' (Wang 2021)",
      .within(1.5), trial: { $0.samples = 4 }),
    CatalogueRow(
      DIFGSM.self, "gradients of pictures resized and moved at random (Xie 2019)", .none),
    CatalogueRow(TIFGSM.self, "gradients smoothed over neighbouring pixels (Dong 2019)", .none),
    CatalogueRow(
      APGD.self, "projected ascent that adapts its steps (Croce 2020, 2021)", .within(1.05),
      heuristicNorms: [.one]),
    CatalogueRow(
      AutoConjugateGradient.self, "conjugate directions with adapted steps (Yamamura 2022)",
      .within(1.05)),
    CatalogueRow(
      MultiTargeted.self, "projected ascent toward one class after the other (Gowal 2019)",
      .within(1.05), trial: { $0.targets = 4 }),
    CatalogueRow(
      FrankWolfe.self, "steps toward the best point of the linearised loss (Chen 2020)",
      .within(1.05)),
  ]

  /// Minimum-norm attacks, by gradients.
  private static let minimumNorm: [CatalogueRow] = [
    CatalogueRow(
      FAB.self, "steps across the linearised boundary, drawn to the example (Croce 2020)",
      .within(1.05), trial: { $0.steps = 20 }),
    CatalogueRow(
      DeepFool.self, "steps onto the nearest linearised boundary (Moosavi-Dezfooli 2016)",
      .within(1.05)),
    CatalogueRow(
      DDN.self, "direction and size of the change adapted apart (Rony 2019)", .within(1.05)),
    CatalogueRow(
      FMN.self, "ascent in a ball whose radius follows the boundary (Pintor 2021)", .within(1.05),
      heuristicNorms: [.zero]),
    CatalogueRow(
      CarliniWagner.self, "least distance plus a weighted margin, by Adam (Carlini 2017)",
      .within(1.05), heuristicNorms: [.zero],
      trial: { ($0.steps, $0.constants, $0.constant, $0.rate) = (50, 6, 0.1, 0.05) }),
    CatalogueRow(
      LBFGS.self,
      "least distance plus a weighted cross-entropy, by L-BFGS within the bounds (Szegedy 2014)",
      .within(1.05), trial: { $0.steps = 20 }),
    CatalogueRow(
      EAD.self, "least elastic-net distance plus a weighted margin (Chen 2018)", .none,
      trial: { ($0.steps, $0.constants, $0.constant, $0.rate) = (50, 6, 0.1, 0.05) }),
  ]

  /// Attacks on few pixels, and along the boundary.
  private static let sparse: [CatalogueRow] = [
    CatalogueRow(
      JSMA.self, "pixels two by two, by the Jacobian's saliency map (Papernot 2016)", .none,
      trial: { ($0.gamma, $0.steps, $0.reduction) = (1, 20, 20) }),
    CatalogueRow(
      SigmaZero.self, "descent on a smooth stand-in for the number of pixels (Cina 2024)",
      .within(1.05), trial: { $0.steps = 50 }),
    CatalogueRow(
      BrendelBethge.self, "along the boundary by trust regions (Brendel 2019)", .within(1.05),
      trial: { ($0.steps, $0.reduction) = (30, 40) }),
    CatalogueRow(
      SparseFool.self, "few coordinates onto the boundary's tangent (Modas 2019)", .within(1.05),
      trial: { $0.reduction = 40 }),
    CatalogueRow(
      OnePixel.self, "a few pixels by differential evolution (Su 2019)", .none,
      trial: { ($0.population, $0.steps) = (20, 10) }),
    CatalogueRow(
      Pointwise.self, "noise with pixel after pixel put back, from labels (Schott 2019)", .none,
      trial: { $0.queries = 200 }),
  ]

  /// Attacks that see outputs only.
  private static let scores: [CatalogueRow] = [
    CatalogueRow(RandomNoise.self, "random noise of the same size", .none),
    CatalogueRow(
      Square.self, "random search over square windows (Andriushchenko 2020)", .none,
      trial: { $0.queries = 200 }),
    CatalogueRow(
      SPSA.self, "Adam along differences in directions of random signs (Uesato 2018)", .none,
      trial: { ($0.queries, $0.samples) = (300, 10) }),
    CatalogueRow(
      NES.self, "steepest ascent along a gradient estimated from normal directions (Ilyas 2018)",
      .none,
      trial: { ($0.queries, $0.samples) = (300, 10) }),
    CatalogueRow(
      SimBA.self, "one direction of a basis after the other (Guo 2019)", .none,
      trial: { $0.queries = 200 }),
    CatalogueRow(
      ZOO.self, "Carlini and Wagner's attack coordinate by coordinate (Chen 2017)", .none,
      trial: { ($0.queries, $0.coordinates, $0.searches, $0.learningRate) = (3000, 12, 5, 0.03) }),
    CatalogueRow(
      Bandits.self, "ascent along a direction learned from two queries at a time (Ilyas 2019)",
      .none,
      trial: { ($0.queries, $0.tile) = (300, 1) }),
  ]

  /// Attacks that see labels only.
  private static let labels: [CatalogueRow] = [
    CatalogueRow(
      BoundaryAttack.self, "a random walk along the boundary (Brendel 2018)", .within(1.05),
      trial: { $0.queries = 400 }),
    CatalogueRow(
      HopSkipJump.self, "along the boundary by estimates of its normal (Chen 2020)", .within(1.05),
      trial: { $0.queries = 400 }),
    CatalogueRow(
      GeoDA.self, "the nearest points of planes that stand for the boundary (Rahmati 2020)",
      .within(1.05), heuristicNorms: [.one], trial: { $0.queries = 400 }),
    CatalogueRow(
      SignOPT.self, "descent on the boundary's distance by signs of its slopes (Cheng 2020)",
      .within(1.05), heuristicNorms: [.infinity],
      trial: { ($0.queries, $0.draws) = (400, 50) }),
    CatalogueRow(
      RayS.self, "the nearest boundary along a vector of signs (Chen 2020)", .within(1.05),
      trial: { $0.queries = 400 }),
  ]

  /// Attacks for threats that are no balls.
  private static let beyond: [CatalogueRow] = [
    CatalogueRow(
      RandomDraws.self, "the worst of several random points of the threat (Engstrom 2019)", .none,
      trial: { $0.samples = 30 }),
    CatalogueRow(
      Grid.self, "every point of a grid, such as all angles and shifts (Engstrom 2019)", .none),
    CatalogueRow(
      BoundarySearch.self, "the smallest blur, fog, rotation and the like, by a line search",
      .none),
    CatalogueRow(
      SpatialTransformation.self, "a smooth flow of the pixels (stAdv, Xiao 2018)", .none),
  ]

  /// The search of one change for many examples, which `AttackRunner.shared` runs; no row of its own, for it is not judged
  /// example by example.
  public static let universal = CatalogueRow(
    UniversalPerturbation.self,
    "one change shared by all examples (Moosavi-Dezfooli 2017, Shafahi 2020); a patch without a place is put anywhere",
    .none)
}

extension UniversalPerturbation: ConfigurableAttack {
  /// The options.
  public static let options: [AttackOption<Self>] = [
    .integer("epochs", \.epochs, 1...1_000_000, "how often every example is seen"),
    .integer(
      "restarts", \.starts, 1...1_000_000,
      "starts, the first at the middle of the threat and the others at random; the best counts"),
    .stepSize(\.stepSize, .radii(0.25)),
    .number("clip", \.clip, 0...1e30, "loss from which on an example no longer counts"),
    .objective(\.loss),
    .number(
      "held-out", \.heldOut, 0...0.99,
      "share of the examples, the last ones, on which the change is only judged"),
    .number("degrees", \.degrees, 0...180, "largest angle of a patch without a place"),
    .number("scale", \.scale, 1...10, "largest factor of the size of a patch without a place"),
  ]
}
