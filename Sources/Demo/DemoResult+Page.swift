import Datasets
import Networks
import Reports
import Robustness
import Settings
import Studies
import Training

extension DemoResult {
  /// The page that tells the story.
  func page(_ folder: DemoFolder) -> HTMLDocument {
    let natural = table.naturalRow.shares.map { Format.percent($0.share) }
    let attacked = table.strongRow.shares.map { Format.percent($0.share) }
    let strength = Format.shortest(settings.radius)
    var page = HTMLDocument(
      title: "How to fool a network, and how to make it robust",
      lead: """
        A small network reads \(strong: natural.standard) of handwritten digits rightly. Move every pixel \
        by at most \(strength) of the way from black to white, each in the direction that hurts most, \
        and it reads \(strong: attacked.standard) of them. A network of the same form that practised on such \
        images still reads \(strong: attacked.robust).
        """,
      footer: "Made by \(conditions).")
    if settings.isQuick {
      page.append(
        .paragraph(
          """
          \(strong: "This is the quick version.") Both networks were trained for a short time only, and a \
          weaker attack ran on the first \(Format.count(count)) test images. The full demo takes a few \
          minutes: \(code: "gibbon demo").
          """))
    }
    page.append(contentsOf: smallChanges)
    page.append(contentsOf: largeChanges)
    page.append(contentsOf: explanation)
    page.append(contentsOf: comparisonSection)
    page.append(contentsOf: curveSection)
    page.append(contentsOf: robustFailures)
    page.append(contentsOf: morphSection)
    page.append(contentsOf: trainingSection)
    page.append(contentsOf: caveats)
    page.append(contentsOf: method(folder))
    return page
  }

  private var comparisonSection: [HTMLBlock] {
    let interval = table.strongRow.shares.robust.interval
    let gap =
      100 * (table.sameLengthRow.shares.standard.share - table.strongRow.shares.standard.share)
    return [
      .heading("Both networks, side by side"),
      .paragraph(
        """
        Both networks met the same images and the same attacks. Noise as long as the attack’s own change \
        costs the standard network little; the attack costs it \
        \(strong: Format.fixed(gap, decimals: 0) + " points") more. What breaks it is not the size of \
        the change but its direction.
        """),
      .table(comparison()),
      .list(
        table.rows.dropFirst().map { row in
          "\(strong: row.name): \(row.meaning)."
        }),
      .paragraph(
        """
        Other digits of the same kind would give slightly other numbers: the robust network’s \
        \(Format.percent(table.strongRow.shares.robust.share)) under PGD stands for \
        \(Format.fixed(100 * interval.lowerBound, decimals: 1)) to \
        \(Format.fixed(100 * interval.upperBound, decimals: 1)) % of all such digits, \
        with 95 % confidence.
        """),
    ]
  }

  private var caveats: [HTMLBlock] {
    [
      .heading("What these numbers do not say"),
      .list([
        """
        An attack that fails proves nothing. Accuracy under attack is an \
        \(emphasis: "upper bound") on the accuracy against the best attacker; stronger attacks than PGD \
        find a little more.
        """,
        """
        An attack that succeeds is certain. Every changed image was checked to be within the limits, \
        exactly, and was run through the network once more.
        """,
        """
        The robust network withstands what it practised: changes of single pixels by up to \
        \(Format.shortest(settings.radius)). Turning, shifting or redrawing a digit is another matter.
        """,
        """
        Digits are easy. On photographs robust networks pay for their robustness with far more of their \
        accuracy than here.
        """,
      ]),
    ]
  }

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

  /// How to get every number again.
  func method(_ folder: DemoFolder) -> [HTMLBlock] {
    let files = DemoFolder.networks.map(folder.file)
    var blocks: [HTMLBlock] = [
      .heading("How to reproduce each number"),
      .paragraph(
        """
        Everything follows from the seed. The two networks lie beside this page, and each command below \
        prints one number of the table, whatever the size of its batches. The same seed gives the same \
        bits again on the same machine with the same number of threads; elsewhere a sum may be rounded \
        otherwise, and a few images of \(Format.count(count)) may fall to the other side.
        """),
      .facts([
        ("version", "\(Version.text)"), ("seed", "\(settings.seed)"),
        ("threads", RichText("\(threads)")), ("data", "\(test.name)"),
        ("threat", RichText(settings.threat)),
        ("time", RichText(Format.duration(seconds: stages.reduce(0) { $0 + $1.seconds }))),
      ]),
      .heading("Everything at once", level: 3),
      .code(ShellWords.lines(settings.command)),
      .heading("The networks", level: 3),
      .code(
        (networks.standard.commands(output: files.standard)
          + networks.robust.commands(output: files.robust)).map { ShellWords.lines($0) }
          .joined(separator: "\n")),
    ]
    for (network, file) in [("standard", files.standard), ("robust", files.robust)] {
      blocks.append(.heading("The \(network) network under attack", level: 3))
      for row in table.rows where !row.isNatural {
        let share = network == "standard" ? row.shares.standard : row.shares.robust
        blocks += [
          .paragraph("\(row.name): \(strong: Format.percent(share.share, decimals: 2))"),
          .code(ShellWords.lines(row.trial.command(file))),
        ]
      }
    }
    return blocks + [
      .heading("What makes a network see a \(DemoMorph.target)", level: 3),
      .code(ShellWords.lines(DemoMorph.command(files, settings))),
      .paragraph(
        """
        Each attack above prints the natural accuracy as well. The noise of the same length takes each image’s length \
        from \(code: DemoFolder.radii): that of the change with which \(settings.strongAttack) fooled \
        the standard network, or the median, \(table.medianRadius), where there was none.
        """),
      .heading("The curves", level: 3),
      .code(curveCommand(files.robust)),
      .paragraph(
        """
        An image counts as read rightly at a size if its \(code: "robust") is true in the results of that \
        and of all smaller sizes. All numbers of this page are in \(code: DemoFolder.json), the time that \
        each attack took and the evaluations that it needed among them.
        """),
    ]
  }

  private func curveCommand(_ file: String) -> String {
    let radii = settings.radii.map { Format.shortest($0) }.joined(separator: " ")
    let command = ShellWords.lines([
      "gibbon", "attack", file, "\(Setting.count)", "\(curves.count)", "\(Setting.attack)", "pgd",
      Setting.spelling(ofOption: "steps"), "\(settings.curveSteps)", "\(Setting.seed)",
      "\(settings.seed)",
    ])
    return """
      for eps in \(radii)
      do
      \(command) \\
        \(Setting.threat) linf:$eps \(Setting.json) at-$eps.json
      done
      """
  }
}
