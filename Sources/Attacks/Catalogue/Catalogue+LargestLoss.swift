import Robustness

extension Catalogue {
  /// Attacks that climb a loss inside the threat by its gradient.
  static let largestLoss: [CatalogueRow] = basic + iterative + adaptive

  /// The plain ones.
  private static let basic: [CatalogueRow] = [
    CatalogueRow(
      "one step along the gradient (Goodfellow 2015)",
      [
        .objective, .randomStart(false),
        .stepSize(.words("to the farthest point; 1.25 × the radius after a random start")),
        .restarts,
      ], .exact
    ) {
      FGSM(
        loss: $0.loss, randomStart: $0.flag(.randomStart(false)), stepSize: $0.number(.stepSize),
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "projected gradient ascent (Madry 2018)",
      [
        .steps(40), .stepSize(.radiiPerStep(2.5)), .restarts, .momentum, .objective,
        .randomStart(true),
      ],
      .within(1.05)
    ) {
      PGD(
        steps: $0.integer(.steps(40)), stepSize: $0.number(.stepSize),
        randomStart: $0.flag(.randomStart(true)), restarts: $0.integer(.restarts),
        momentum: $0.number(.momentum) ?? 0, loss: $0.loss)
    },
  ]

  /// Relatives of the fast gradient sign method with a fixed number of equal steps.
  private static let iterative: [CatalogueRow] = [
    CatalogueRow(
      "a random step, then one along the gradient (Tramèr 2018)",
      [.steps(1), .randomStep, .restarts, .objective], .none
    ) {
      RFGSM(
        steps: $0.integer(.steps(1)), randomStep: $0.number(.randomStep),
        restarts: $0.integer(.restarts), loss: $0.loss)
    },
    CatalogueRow(
      "small steps along the gradient (Kurakin 2017)",
      [.steps(10), .stepSize(.radiiPerStep(1.25)), .objective], .within(1.5)
    ) {
      BIM(steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize), loss: $0.loss)
    },
    CatalogueRow(
      "steps along gradients accumulated with momentum (Dong 2018)",
      [.steps(10), .stepSize(.radiiPerStep(1)), .decay(1), .objective], .within(1.5)
    ) {
      MIFGSM(
        steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize),
        decay: $0.number(.decay(1)) ?? 1, loss: $0.loss)
    },
    CatalogueRow(
      "momentum with gradients taken ahead (Lin 2020)",
      [.steps(10), .stepSize(.radiiPerStep(1)), .decay(1), .objective], .within(1.5)
    ) {
      NIFGSM(
        steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize),
        decay: $0.number(.decay(1)) ?? 1, loss: $0.loss)
    },
    CatalogueRow(
      "momentum with gradients corrected by their neighbours' (Wang 2021)",
      [.steps(10), .stepSize(.radiiPerStep(1)), .decay(1), .neighbours, .spread, .objective],
      .within(1.5),
      norms: [.infinity, .two, .one], trial: ["samples": "4"]
    ) {
      VMIFGSM(
        steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize),
        decay: $0.number(.decay(1)) ?? 1, samples: $0.integer(.neighbours),
        spread: $0.number(.spread) ?? 1.5, loss: $0.loss)
    },
    CatalogueRow(
      "gradients of pictures resized and moved at random (Xie 2019)",
      [
        .steps(10), .stepSize(.radiiPerStep(1)), .decay(0), .probability(0.5), .leastSize,
        .objective,
      ], .none
    ) {
      DIFGSM(
        steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize),
        decay: $0.number(.decay(0)) ?? 0, probability: $0.number(.probability(0.5)) ?? 0.5,
        rate: $0.number(.leastSize) ?? 0.9, loss: $0.loss)
    },
    CatalogueRow(
      "gradients smoothed over neighbouring pixels (Dong 2019)",
      [
        .steps(10), .stepSize(.radiiPerStep(1)), .decay(0), .kernelRadius, .probability(0),
        .leastSize, .objective,
      ],
      .none,
      worksBeyondBalls: false
    ) {
      TIFGSM(
        steps: $0.integer(.steps(10)), stepSize: $0.number(.stepSize),
        decay: $0.number(.decay(0)) ?? 0, kernelRadius: $0.integer(.kernelRadius),
        probability: $0.number(.probability(0)) ?? 0, rate: $0.number(.leastSize) ?? 0.9,
        loss: $0.loss)
    },
  ]

  /// Those that adapt their steps, go toward several classes or have none to choose.
  private static let adaptive: [CatalogueRow] = [
    CatalogueRow(
      "projected ascent that adapts its steps (Croce 2020, 2021)",
      [.steps(100), .restarts, .objective, .targets(0), .giveUp], .within(1.05),
      norms: [.infinity, .two, .one], heuristicNorms: [.one]
    ) {
      APGD(
        steps: $0.integer(.steps(100)), loss: $0.loss, targets: $0.integer(.targets(0)),
        restarts: $0.integer(.restarts), givesUp: $0.flag(.giveUp))
    },
    CatalogueRow(
      "conjugate directions with adapted steps (Yamamura 2022)",
      [.steps(100), .restarts, .marginObjective, .randomStart(false)], .within(1.05),
      norms: [.infinity, .two]
    ) {
      AutoConjugateGradient(
        steps: $0.integer(.steps(100)), loss: $0.loss, randomStart: $0.flag(.randomStart(false)),
        restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "projected ascent toward one class after the other (Gowal 2019)",
      [.steps(40), .stepSize(.radiiPerStep(2.5)), .restarts, .targets(9)], .within(1.05),
      trial: ["target-classes": "4"]
    ) {
      MultiTargeted(
        steps: $0.integer(.steps(40)), stepSize: $0.number(.stepSize),
        targets: $0.integer(.targets(9)), restarts: $0.integer(.restarts))
    },
    CatalogueRow(
      "steps toward the best point of the linearised loss (Chen 2020)",
      [.steps(20), .stepShare, .gradientMomentum, .objective], .within(1.05)
    ) {
      FrankWolfe(
        steps: $0.integer(.steps(20)), share: $0.number(.stepShare),
        momentum: $0.number(.gradientMomentum) ?? 0, loss: $0.loss)
    },
  ]
}
