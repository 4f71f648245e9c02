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
        ("network", "\(request.model.fileName)"), ("photograph", "\(photograph.path.fileName)"),
        ("threat", RichText(request.threatDescription)), ("seed", "\(request.seed)"),
        ("time", RichText(Format.duration(seconds: run.seconds))),
        ("forward evaluations", RichText(Format.count(run.passes.forward))),
        ("backward evaluations", RichText(Format.count(run.passes.backward))),
      ]))
    page.append(.paragraph("The attack: \(request.attackDescription)."))
    if let sureness { page.append(.paragraph("How sure the network became: \(sureness).")) }
    if let gallery, real == nil, let seen = after?.label {
      page.append(
        .paragraph(
          "The gallery \(code: gallery.fileName) has no picture of \(names.name(of: seen))."))
    }
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
      \(PhotographAttack.number((adversarialExample.input - input).normInfinity)), it sees \
      \(strong: after.text(names)).
      """
  }

  /// Photograph + size x change = result | a real example, as in the paper of Goodfellow, Shlens and Szegedy
  /// (https://arxiv.org/abs/1412.6572).
  private var figure: ImageRow? {
    guard let image = Bitmap(input, bounds: photograph.bounds) else { return nil }
    let first = ImagePanel(
      heading: "photograph", image: image, alternative: "The photograph",
      lines: ["\(strong: before.text(names))"])
    guard let adversarialExample, let after else { return ImageRow([first], isWide: true) }
    let change = adversarialExample.input - input
    let largest = change.normInfinity
    guard largest > 0, let picture = Bitmap(change: change, radius: Float(largest)),
      let result = Bitmap(adversarialExample.input, bounds: photograph.bounds)
    else { return nil }
    var panels = [
      first,
      ImagePanel(
        .sign("+ \(PhotographAttack.number(largest)) ×"), heading: changeName, image: picture,
        alternative: "The change, drawn enlarged",
        lines: (self.change.map { ["\(strong: $0.text(names))"] } ?? []) + ["\(levels(largest))"]),
      ImagePanel(
        .sign("="), heading: "changed photograph", image: result,
        alternative: "The changed photograph, taken for \(after.text(names))",
        lines: ["\(strong: after.text(names))"]),
    ]
    if let real, let picture = Bitmap(real.input, bounds: photograph.bounds), let seen = after.label
    {
      panels.append(
        ImagePanel(
          .rule, heading: "a real \(names.name(of: seen))", image: picture,
          alternative: "A real picture of \(names.name(of: seen)), from the gallery",
          lines: ["\(strong: real.ranking.text(names))", "\(real.path.fileName)"]))
    }
    return ImageRow(
      panels,
      caption: """
        Values go from \(PhotographAttack.number(Double(photograph.bounds.lowerBound))) to \
        \(PhotographAttack.number(Double(photograph.bounds.upperBound))); the change is drawn divided by its largest \
        value. \(Triptych.colours(of: input.shape)). Below each picture: what the network takes it for, and how sure it \
        is (the probability that it gives that class).
        """, isWide: true)
  }

  /// What the picture of the change is.
  private var changeName: String {
    type(of: run.request.attack).name == "fgsm" && run.request.threat.norm == .infinity
      ? "sign of the gradient" : "change, enlarged"
  }

  /// The largest change in steps of an 8-bit picture.
  private func levels(_ largest: Double) -> String {
    let range = Double(photograph.bounds.upperBound - photograph.bounds.lowerBound)
    return "at most \(Format.significant(largest / range * 255, digits: 2)) of 255 levels"
  }

  /// A number with two significant digits.
  private static func number(_ value: Double) -> String { Format.significant(value, digits: 2) }

  /// What is printed.
  package func text(savedAs path: String?) -> String {
    let request = run.request
    var lines = [
      "\(request.model.fileName) on \(photograph.path.fileName)",
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)", "",
    ]
    if let after, let adversarialExample {
      lines += table([("as it is", before), ("changed", after)])
      lines.append("change   \(size(adversarialExample))")
      if let sureness { lines.append("sure     \(sureness)") }
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

  /// How sure the network became, where that was asked for.
  private var sureness: String? {
    guard let asked = run.request.confidence, let after, let seen = after.label else { return nil }
    let share = Ranking.percent(after.probability(of: seen))
    return fallsShort
      ? "\(share) at most, which falls short of the \(asked.words) asked for"
      : "\(share), where more than \(asked.words) was asked for"
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
    return
      "at most \(PhotographAttack.number(change.normInfinity)), length \(Triptych.text(change.norm2)), "
      + "\(Format.count(count)) of \(Format.count(change.count)) values"
  }
}
