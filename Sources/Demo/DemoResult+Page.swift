import Robustness
import Reports
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
}
