import Files
package import Images
import Insight
package import Reports
import Robustness
public import Studies
import Tensors

extension MorphResult {
  /// Writes the changes as a page with pictures, whole or not at all.
  ///
  /// - Throws: `FileError`; `PNGError.notEncodable`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  ///
  /// - Throws: `PNGError.notEncodable`.
  package func page() throws(PNGError) -> HTMLDocument {
    var page = HTMLDocument(
      title: target.map { "What must change to be seen as \(classNames.name(of: $0))" }
        ?? "What must change to be seen as something else",
      lead: lead, footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    if let target {
      try append(target, to: &page)
    } else {
      appendGallery(to: &page)
    }
    page.append(.heading("In numbers"))
    page.append(.table(table))
    page.append(.list(notes))
    page.append(
      reproducing: command, specification,
      checked:
        """
        Each changed input stays in the range of the data and within its budget, exactly, and the network was run on it \
        once more. That nothing nearer was found is no proof that there is nothing nearer.
        """)
    return page
  }

  private var lead: RichText {
    let needs = morphs.compactMap { network -> String? in
      let lengths = network.morphs.compactMap { $0.least?.length }.sorted()
      guard let middle = lengths.isEmpty ? nil : lengths[lengths.count / 2] else { return nil }
      return "\(network.model.fileName) \(number(middle))"
    }
    let seen = Set(morphs.map { classNames.name(of: $0.source) }).sorted().joined(separator: " or ")
    return """
      The input, \(source.fileName), is seen as \(strong: seen). The Euclidean length of the least change after which \
      \(target == nil ? "another class is seen, the median over all classes" : "the other class is seen"): \
      \(strong: needs.isEmpty ? "none found" : needs.joined(separator: ", ")).
      """
  }

  private var notes: [RichText] {
    [
      "Lengths are in the units of the data: values go from \(number(Double(bounds.lowerBound))) to \(number(Double(bounds.upperBound))). L2 is the Euclidean length of a change, L∞ its largest value.",
      "\(strong: "Least"): the nearest input that was found which the network takes for the class, by box-constrained L-BFGS (Szegedy et al. 2013), DDN, FMN, FAB, and along the boundary from what these found and from real examples of the class. It lies at the boundary between classes, so the network is hardly sure of it.",
      "\(strong: "Large"): the input of which the network is surest that it shows the class, within the budget of L2 length, by \(Format.count(specification.steps)) steps of PGD from the input and from the least change, and by Square where gradients lead to little.",
      "\(strong: "Noise"): how many of \(Format.count(specification.draws)) random changes of the same L2 length as the least change change what is seen. It is the control: what counts is the direction of a change, not its size.",
    ]
  }

  // MARK: - One class

  private func append(_ target: Int, to page: inout HTMLDocument) throws(PNGError) {
    let name = classNames.name(of: target)
    page.append(.heading("The large change, step by step"))
    page.append(.images(try animations(target)))
    for network in morphs {
      if let row = film(network, target) {
        page.append(.heading(network.model.fileName, level: 3))
        page.append(.images(row))
      }
    }
    if let plot = plot(target) {
      page.append(
        .plot(
          plot,
          caption: """
            How sure each network is of \(name) on the straight way from the input to its large change.
            """))
    }
    for (title, change) in [
      ("The least change, and noise of its size", \Morph.least),
      ("The large change, and noise of its size", \Morph.large),
    ] as [(String, KeyPath<Morph, Morph.Change?>)] {
      page.append(.heading(title))
      for network in morphs {
        page.append(.heading(network.model.fileName, level: 3))
        if let row = row(network, target, change) {
          page.append(.images(row))
        } else {
          page.append(.paragraph(absence(network, target)))
        }
      }
      page.append(
        .paragraph(
          "\(Triptych.colours(of: input.shape)). In brackets: how sure the network is of what it sees."
        ))
    }
  }

  /// Why there is no change of a network toward a class.
  private func absence(_ network: NetworkMorphs, _ target: Int) -> RichText {
    network.source == target
      ? "The network sees \(classNames.name(of: target)) already."
      : "No change was found after which the network sees \(classNames.name(of: target))."
  }

  /// The input and the changes of all networks, which move.
  private func animations(_ target: Int) throws(PNGError) -> ImageRow {
    var panels = [inputPanel].compactMap { $0 }
    for network in morphs {
      let morph = network[target: target]
      guard let picture = picture(morph?.shown?.input ?? input) else { continue }
      var panel = ImagePanel(
        heading: network.model.fileName, image: picture,
        alternative:
          "The input as it turns into what \(network.model.fileName) sees as \(classNames.name(of: target))",
        lines: morph?.shown.map { lines($0, target) } ?? ["\(absence(network, target))"])
      panel.animation = try animation(of: morph)
      panels.append(panel)
    }
    return ImageRow(
      panels, caption: "The pictures move from the input to the large change and begin anew.",
      isWide: true)
  }

  private var inputPanel: ImagePanel? {
    picture(input).map {
      ImagePanel(
        heading: "input", image: $0, alternative: "The input as it is",
        lines: [
          "\(strong: Set(morphs.map { classNames.name(of: $0.source) }).sorted().joined(separator: " or "))"
        ])
    }
  }

  /// How sure a network is of a class, and the size of the change.
  private func lines(_ change: Morph.Change, _ target: Int) -> [RichText] {
    [
      "\(strong: "\(classNames.name(of: target)) (\(Ranking.percent(change.probability)))")",
      "L2 \(number(change.length)), L∞ \(number(change.largest))",
    ]
  }

  /// The way to the large change as a film strip.
  private func film(_ network: NetworkMorphs, _ target: Int) -> ImageRow? {
    guard let change = network[target: target]?.shown else { return nil }
    let inputs = MorphPath.inputs(from: input, to: change.input, count: MorphResult.steps)
    let panels = stride(from: 0, to: MorphResult.steps, by: 4).compactMap { place -> ImagePanel? in
      let step = change.path.steps[place]
      guard let picture = picture(inputs[place]) else { return nil }
      let seen = step.prediction.map { classNames.name(of: $0) } ?? "not a number"
      return ImagePanel(
        heading: "L2 \(number(step.length))", image: picture,
        alternative: "After a change of L2 length \(number(step.length)), seen as \(seen)",
        lines: [
          "\(strong: seen)", "\(classNames.name(of: target)): \(Ranking.percent(step.target))",
        ])
    }
    return panels.isEmpty ? nil : ImageRow(panels, isWide: true)
  }

  /// How sure all networks are of a class on the way.
  private func plot(_ target: Int) -> LinePlot? {
    let series = morphs.compactMap { network -> LinePlot.Series? in
      guard let change = network[target: target]?.shown else { return nil }
      return LinePlot.Series(
        network.model.fileName, change.path.steps.map { .init($0.length, $0.target) })
    }
    guard !series.isEmpty else { return nil }
    return LinePlot(
      title: "Probability of \(classNames.name(of: target))",
      x: Axis("L2 length of the change"),
      y: Axis("probability", range: 0...1, style: .percent(decimals: 0)), series: series)
  }

  /// Input + change = result | noise of the same L2 size, noise of the same L-infinity size.
  package func row(
    _ network: NetworkMorphs, _ target: Int, _ path: KeyPath<Morph, Morph.Change?>
  ) -> ImageRow? {
    guard let change = network[target: target]?[keyPath: path], let image = picture(input),
      let result = picture(change.input), change.largest > 0,
      let drawn = Bitmap(change: change.input - input, radius: Float(change.largest))
    else { return nil }
    let before = "\(classNames.name(of: network.source)) (\(Ranking.percent(network.probability)))"
    var panels = [
      ImagePanel(
        heading: "input", image: image, alternative: "The input as it is",
        lines: ["\(strong: before)"]),
      ImagePanel(
        .sign("+"), heading: "change", image: drawn,
        alternative: "The change, at full strength for its largest value",
        lines: ["L2 \(number(change.length))", "L∞ \(number(change.largest))"]),
      ImagePanel(
        .sign("="), heading: "result", image: result,
        alternative: "The changed input, seen as \(classNames.name(of: target))",
        lines: [
          "\(strong: "\(classNames.name(of: target)) (\(Ranking.percent(change.probability)))")"
        ]),
    ]
    for (place, noise) in change.noise.enumerated() {
      guard let picture = picture(noise.input) else { continue }
      let norm = noise.norm == .two ? "L2" : "L∞"
      let seen = noise.prediction.map { classNames.name(of: $0) } ?? "not a number"
      panels.append(
        ImagePanel(
          place == 0 ? .rule : nil, heading: "noise, same \(norm)", image: picture,
          alternative: "The input with noise of the same \(norm) size, seen as \(seen)",
          lines: [
            "\(strong: "\(seen) (\(Ranking.percent(noise.probability)))")",
            "another class in \(Format.percent(noise.changedShare, decimals: 0)) of \(Format.count(noise.draws))",
          ]))
    }
    return ImageRow(panels, isWide: true)
  }

  // MARK: - All classes

  private func appendGallery(to page: inout HTMLDocument) {
    for (title, change, caption) in [
      (
        "Large changes", \Morph.large,
        "Each within its budget of L2 length; below: how sure the network is that it sees the class."
      ),
      (
        "Least changes", \Morph.least,
        "Just beyond the boundary of the class; below: the L2 length of the change."
      ),
    ] as [(String, KeyPath<Morph, Morph.Change?>, String)] {
      page.append(.heading(title))
      page.append(.paragraph("\(caption)"))
      for network in morphs {
        page.append(.heading(network.model.fileName, level: 3))
        page.append(.images(gallery(network, change)))
      }
    }
  }

  /// The input as each class, where a network sees it.
  private func gallery(
    _ network: NetworkMorphs, _ path: KeyPath<Morph, Morph.Change?>
  ) -> ImageRow {
    let classes = Set(targets).union([network.source]).sorted()
    let panels = classes.compactMap { target -> ImagePanel? in
      let change = network[target: target]?[keyPath: path]
      guard let picture = picture(change?.input ?? input) else { return nil }
      let name = classNames.name(of: target)
      let line: RichText =
        if target == network.source {
          "as it is"
        } else if let change {
          path == \Morph.large
            ? "\(Ranking.percent(change.probability))" : "\(number(change.length))"
        } else {
          "none found"
        }
      return ImagePanel(
        heading: target == network.source ? "\(name), the input" : "as \(name)", image: picture,
        alternative: target == network.source
          ? "The input as it is, seen as \(name)" : "The changed input, seen as \(name)",
        lines: [line])
    }
    return ImageRow(panels, isWide: true)
  }
}
