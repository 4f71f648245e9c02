import Networks
import Datasets
import Reports
import Training
extension DemoResult {
  /// The course of both trainings.
  var trainingSection: [HTMLBlock] {
    let paper = "https://arxiv.org/abs/2001.03994"
    let source: RichText = """
      Wong, Rice and Kolter, \(link: "Fast is better than free", to: paper), 2020.
      """
    let network = networks.standard.network
    let images = Format.count(settings.trainingCount ?? 60_000)
    let isShort = networks.all.allSatisfy { $0.epochs.count < 3 }
    return [
      .heading("How they were trained"),
      .paragraph(
        """
        Both networks have the same form (\(network.architecture), \
        \(Format.count(network.parameterCount)) parameters) and began with the same ones. The standard \
        one was trained on \(images) images as they are. For the robust one each image was first \
        changed by one step of an attack on the network as it stood, from a random point within the \
        limits: fast adversarial training.\(note: source) In the last passes five smaller steps took its \
        place.
        """),
    ] + (isShort ? [.table(trainingTable)] : trainingPlots) + [
      .paragraph(
        """
        After each pass all \(Format.count(test.count)) test images were read as they are, and the first \
        \(settings.checkedCount) under PGD with 10 steps, a quick check that is weaker than the attack in \
        the table above. Nothing was chosen by these numbers.
        """)
    ]
  }

  private func points(
    _ network: DemoNetwork, _ value: (EpochRecord) -> Double?
  ) -> [LinePlot.Point] {
    network.epochs.enumerated().compactMap { place, record in
      value(record).map { LinePlot.Point(Double(place + 1), $0) }
    }
  }

  private var trainingPlots: [HTMLBlock] {
    let last = Double(networks.all.map(\.epochs.count).max() ?? 2)
    let x = Axis("passes over the training images", range: 1...max(last, 2))
    func series(
      _ name: String, _ network: DemoNetwork, isDashed: Bool = false,
      _ value: (EpochRecord) -> Double?
    ) -> LinePlot.Series {
      LinePlot.Series(
        name, points(network, value), color: network.name == "standard" ? .vermilion : .blue,
        isDashed: isDashed, hasMarkers: true)
    }
    let (standard, robust) = (networks.standard, networks.robust)
    let accuracy = LinePlot(
      title: "Accuracy while training", x: x,
      y: Axis("test digits read rightly", range: 0...1, style: .percent(decimals: 0)),
      series: [
        series("standard", standard) { $0.validationAccuracy },
        series("robust", robust) { $0.validationAccuracy },
        series("standard, attacked", standard, isDashed: true) { $0.robustAccuracy },
        series("robust, attacked", robust, isDashed: true) { $0.robustAccuracy },
      ])
    let loss = LinePlot(
      title: "Loss while training", x: x, y: Axis("mean cross-entropy"),
      series: [
        series("standard", standard) { $0.loss }, series("robust", robust) { $0.loss },
      ])
    return [
      .plot(
        accuracy,
        caption: """
          The robust network gains its robustness over all passes, at a small price in accuracy on images \
          as they are.
          """),
      .plot(
        loss,
        caption: """
          On the images as each was trained on them: the robust network’s are attacked, so its loss stays \
          higher.
          """),
    ]
  }

  private var trainingTable: Table {
    var table = Table(columns: [
      .words("network"), .numbers("pass"), .numbers("loss"), .numbers("read rightly"),
      .numbers("under attack"),
    ])
    for network in networks.all {
      for (place, record) in network.epochs.enumerated() {
        table.append(texts: [
          network.name, "\(place + 1)", Format.fixed(record.loss, decimals: 3),
          record.validationAccuracy.map { Format.percent($0) } ?? "–",
          record.robustAccuracy.map { Format.percent($0) } ?? "–",
        ])
      }
    }
    return table
  }
}
