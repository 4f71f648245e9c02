import Files
import Images
import Insight
import JSON
package import Reports
package import Robustness
import Settings
package import Studies
import Tensors

extension PhotographAttack {
  /// The page that `--report` writes: the photograph, the change enlarged, the result.
  package func page() -> HTMLDocument {
    let request = run.request
    var page = HTMLDocument(
      title: "Attack on a photograph",
      lead: lead,
      footer: "Made by Gibbon \(Version.text), seed \(request.seed).")
    if let row = figure { page.append(.images(row)) }
    page.append(.heading("What the network sees"))
    var columns = [("the photograph", before)]
    if let after { columns.append(("the changed photograph", after)) }
    if let saved { columns.append(("saved as PNG and read back", saved)) }
    page.append(.table(Ranking.table(columns, names, top: PhotographAttack.top)))
    page.append(
      .facts([
        ("network", "\(request.model)"), ("photograph", "\(photograph.path)"),
        ("threat", RichText(request.threatDescription)), ("seed", "\(request.seed)"),
        ("time", RichText(Format.duration(seconds: run.seconds))),
        ("forward evaluations", RichText(Format.count(run.passes.forward))),
        ("backward evaluations", RichText(Format.count(run.passes.backward))),
      ]))
    page.append(.paragraph("The attack: \(request.attackDescription)."))
    if let saved {
      page.append(
        .paragraph(
          survivesSaving
            ? "Saved as an 8-bit PNG and read back, the result is still read as \(saved.text(names))."
            : """
            Saved as an 8-bit PNG and read back, the result is read as \(saved.text(names)): the rounding undid \
            the attack. The option \(code: "\(Setting.eightBit)") searches among images that can be saved.
            """))
    }
    page.append(
      reproducing: request.command, request.specification,
      checked:
        adversarialExample == nil
        ? """
        An attack that fails proves nothing: a stronger one may find an adversarial example within the same limits. \
        No changed photograph was saved, for there is none.
        """
        : """
        The change was checked to be within the limits, exactly, and \(request.subject.judgement).
        """)
    return page
  }

  private var lead: RichText {
    guard let after, let adversarialExample else {
      return """
        The network sees \(strong: before.text(names)). No adversarial example was found: \(reason).
        """
    }
    return """
      The network sees \(strong: before.text(names)). Changed by at most \
      \(Triptych.text((adversarialExample.input - input).normInfinity)), it sees \
      \(strong: after.text(names)).
      """
  }

  /// Photograph + size x change = result.
  private var figure: ImageRow? {
    guard let adversarialExample, let after else {
      guard let image = Bitmap(input, bounds: photograph.bounds) else { return nil }
      return ImageRow([
        ImagePanel(
          heading: "photograph", image: image, alternative: "The photograph",
          lines: ["\(strong: before.text(names))"])
      ])
    }
    let change = adversarialExample.input - input
    let largest = change.normInfinity
    guard largest > 0, let image = Bitmap(input, bounds: photograph.bounds),
      let picture = Bitmap(change: change, radius: Float(largest)),
      let result = Bitmap(adversarialExample.input, bounds: photograph.bounds)
    else { return nil }
    let panels = [
      ImagePanel(
        heading: "photograph", image: image, alternative: "The photograph",
        lines: ["\(strong: before.text(names))"]),
      ImagePanel(
        .sign("+ \(Triptych.text(largest)) ×"), heading: "change", image: picture,
        alternative: "The change, enlarged", lines: ["\(size(adversarialExample))"]),
      ImagePanel(
        .sign("="), heading: "result", image: result,
        alternative: "The changed photograph, taken for \(after.text(names))",
        lines: ["\(strong: after.text(names))"]),
    ]
    return ImageRow(
      panels,
      caption: """
        The change is drawn enlarged. \(Triptych.colours(of: input.shape)). In brackets: how sure the network is.
        """)
  }

  /// What is printed.
  package func text(savedAs path: String?) -> String {
    let request = run.request
    var lines = [
      "\(request.model) on \(photograph.path)",
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)", "",
    ]
    if let after, let adversarialExample {
      lines += table([("as it is", before), ("changed", after)])
      lines.append("change   \(size(adversarialExample))")
      lines.append("as PNG   \(savingText(path))")
    } else {
      lines +=
        table([("as it is", before)]) + ["change   no adversarial example was found: \(reason)"]
      if let path { lines.append("as PNG   nothing was saved to \(path)") }
    }
    let passes = run.passes
    lines.append(
      "time     \(Format.duration(seconds: run.seconds)), \(Format.count(passes.forward)) forward and "
        + "\(Format.count(passes.backward)) backward evaluations")
    return lines.safeLines
  }

  private func table(_ columns: [(title: String, ranking: Ranking)]) -> [String] {
    Ranking.table(columns, names, top: PhotographAttack.top).text()
      .split(separator: "\n").map(String.init) + [""]
  }

  /// Why there is no change.
  package var reason: String {
    if let failure = run.failures.first?.failure { return "\(failure)" }
    if before.label != label {
      return "the network sees no \(names.name(of: label)) to begin with"
    }
    return "a larger radius, more steps or another attack may find one"
  }

  /// What became of the change in the file.
  private func savingText(_ path: String?) -> String {
    guard let saved else { return "" }
    let place = path.map { "saved to \($0), read back" } ?? "once saved and read back"
    return survivesSaving
      ? "\(place): still \(saved.text(names))"
      : "\(place): \(saved.text(names)); the rounding undid it, which \(Setting.eightBit) prevents"
  }

  /// The size of a change in words.
  package func size(_ adversarialExample: AdversarialExample) -> String {
    let change = adversarialExample.input - input
    let count = change.scalars.count { $0 != 0 }
    return "at most \(Triptych.text(change.normInfinity)), length \(Triptych.text(change.norm2)), "
      + "\(Format.count(count)) of \(Format.count(change.count)) values"
  }
}
