import Datasets
import Insight
import Images
import Reports
extension DemoResult {
  /// The smallest changes that were found.
  var smallChanges: [HTMLBlock] {
    guard let largest = pictures.small.map(\.size).max() else { return [] }
    let rows = pictures.small.enumerated().compactMap { place, triptych in
      triptych.row(
        test,
        caption: place > 0
          ? ""
          : """
          Red pixels become lighter, blue ones darker; the full colour stands for the largest change, \
          which is written below. 1 is the whole way from black to white. In brackets: how sure the \
          network is. Last comes what such a digit really looks like.
          """)
    }
    let percent = Format.percent(largest, decimals: 0)
    return [
      .heading("Changes you hardly see"),
      .paragraph(
        """
        The standard network is 99.9 % sure of each image on the left, or more, and right. For each of \
        them we looked for the smallest change that makes it read another digit. No pixel moves by more \
        than \(percent) of the way from black to white.
        """),
    ] + rows.map { .images($0) } + growth
  }

  private var growth: [HTMLBlock] {
    guard !pictures.growing.isEmpty else { return [] }
    return [
      .paragraph(
        """
        At the smallest change the network wavers between two digits. A little more, and it is sure of \
        the wrong one:
        """),
      .images(row(pictures.growing)),
    ]
  }

  /// Changes of the full size.
  var largeChanges: [HTMLBlock] {
    guard !pictures.large.isEmpty else { return [] }
    return [
      .heading("Changes you see, and read through"),
      .paragraph(
        """
        When every pixel may move by \(Format.shortest(settings.radius)), a person sees that something \
        was done to the image and still reads the same digit. The network reads another one, and is \
        as sure as before.
        """),
    ] + pictures.large.compactMap { $0.row(test) }.map { .images($0) }
  }

  /// Why the attack works and noise does not.
  var explanation: [HTMLBlock] {
    var blocks: [HTMLBlock] = [.heading("Why noise does nothing and the attack everything")]
    if !pictures.noisy.isEmpty {
      let steps = pictures.noisy
      blocks += [
        .paragraph(
          """
          Is the network merely upset by anything unusual? No. Random noise as large as the attack’s \
          change leaves its answer as it was.
          """),
        .images(
          row(
            steps,
            caption: """
              The attack’s change has a length of \(Format.fixed(steps[3].length, decimals: 1)) (the root \
              of the summed squares). The first noise is as long, the second moves every pixel by as much \
              as the attack may.
              """)),
      ]
    }
    return blocks + sums
  }

  /// The linear explanation in numbers.
  private var sums: [HTMLBlock] {
    guard let example = linearity.rows.first(where: { $0.radius == 0.05 }) else { return [] }
    func number(_ value: Double) -> String {
      (value < 0 ? "−" : "") + Format.fixed(abs(value), decimals: 1)
    }
    let paper = "https://arxiv.org/abs/1412.6572"
    let title = "Explaining and harnessing adversarial examples"
    let source: RichText =
      "Goodfellow, Shlens and Szegedy, \(link: title, to: paper), 2015."
    let radius = Format.shortest(example.radius)
    let sum = Double(linearity.size) * example.radius * linearity.slope
    var table = Table(
      caption: "Change of the lead of the right digit’s score, mean of \(linearity.count) images",
      columns: [
        .numbers("pixels move by"), .numbers("attack, added up"), .numbers("attack, real"),
        .numbers("noise, added up"), .numbers("noise, real"),
      ])
    for row in linearity.rows {
      table.append(texts: [
        Format.shortest(row.radius), number(row.predicted), number(row.actual),
        "± " + number(row.noisePredicted), "± " + number(row.noiseActual),
      ])
    }
    return [
      .paragraph(
        """
        The reason is addition.\(note: source) The network gives each digit a score, and the right one leads the next by \
        \(number(linearity.lead)) in the mean. A single pixel matters little: moving it by \(radius) \
        changes the lead by \(Format.fixed(example.radius * linearity.slope, decimals: 3)). But an \
        attacker moves all \(linearity.size) pixels, each in the direction that hurts: \
        \(linearity.size) × \(radius) × \(Format.fixed(linearity.slope, decimals: 2)) = \(number(sum)), \
        or \(number(-example.predicted)) where black pixels cannot become darker nor white ones lighter. \
        Noise moves as many pixels as far, but the effects have random signs and cancel: \
        \(number(example.noisePredicted)) remains.
        """),
      .table(table),
      .paragraph(
        """
        “Added up” is what the gradient, the slope at the image itself, predicts; “real” is what one \
        step along it does. For small changes the two agree: the network is nearly linear. For large \
        ones a single step overshoots, and PGD, which looks at the slope anew after each small step, \
        finds more.
        """),
    ]
  }

  /// What attacks on the robust network look like.
  var robustFailures: [HTMLBlock] {
    guard !pictures.robust.isEmpty else { return [] }
    return [
      .heading("What it takes to fool the robust network"),
      .paragraph(
        """
        Some images fool the robust network too. But the change has to work for it: look at the blue, which \
        dims just the strokes that tell this digit from the other.
        """),
    ] + pictures.robust.compactMap { $0.row(test) }.map { .images($0) }
  }

  private func row(_ steps: [DemoPictures.Step], caption: RichText = "") -> ImageRow {
    let names = test.classNames
    let panels = steps.compactMap { step in
      Bitmap(step.input, bounds: test.bounds).map { image in
        ImagePanel(
          heading: step.name, image: image,
          alternative: "\(step.name): read as \(step.reading.text(names))",
          lines: ["\(strong: step.reading.text(names))"])
      }
    }
    return ImageRow(panels, caption: caption)
  }
}
