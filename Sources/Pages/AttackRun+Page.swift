import Remote
import Datasets
import Models
import Insight
import Robustness
package import Studies
package import Reports

extension AttackRun {
  /// The page that `--report` writes.
  package func page() async throws -> HTMLDocument {
    let broken = outcomes.filter { $0.witness != nil }
    var page = HTMLDocument(
      title: "Attack on \(request.model)",
      lead: lead(broken.count),
      footer: "Made by Gibbon \(Version.text), seed \(request.seed).")
    let isAboutOutputs = request.aim.ignoresLabels
    let figures: [(value: String, meaning: RichText)] = [
      isAboutOutputs
        ? (Format.count(outcomes.count), "examples, whatever their labels")
        : (Format.percent(clean.share), "\(right) as they are"),
      isAboutOutputs
        ? (Format.percent(robust.share), "kept their outputs under the attack")
        : request.target == nil
          ? (Format.percent(robust.share), "still \(right) under the attack")
          : (
            Format.percent(robust.share),
            "\(right) before, and not made to be of the target’s class"
          ),
      (Format.count(broken.count), "of \(Format.count(outcomes.count)) examples broken"),
    ]
    page.append(.figures(figures))
    page.append(contentsOf: warnings(broken.count))
    var facts: [(term: String, value: RichText)] = [
      (request.subject.remote == nil ? "architecture" : "model", "\(request.subject.form)"),
      ("data", "\(request.data.name)"),
      ("threat", RichText(request.threat.description + request.data.remark(on: request.threat))),
      ("seed", "\(request.seed)"),
      (
        isAboutOutputs || request.target != nil ? "held" : "robust accuracy",
        RichText(AttackRun.accuracy(robust))
      ),
    ]
    if let choices = brokenByChoice { facts.append(("broken", RichText(choices))) }
    if let distance = medianDistance {
      facts.append(("median distance", RichText(AttackRun.words(medianDistance: distance))))
    }
    facts += [
      ("time", RichText(Format.duration(seconds: seconds))),
      ("forward evaluations", RichText(Format.count(passes.forward))),
      ("backward evaluations", RichText(Format.count(passes.backward))),
    ]
    if let asked = request.subject.asked {
      facts.append(("inputs asked about", RichText(Format.count(asked))))
    }
    page.append(.facts(facts))
    page.append(.paragraph("The attack: \(request.attackDescription)."))
    if let radii = request.radii {
      page.append(
        .paragraph(
          """
          Single examples have their own radius instead of the threat’s, \
          \(Format.count(radii.radii.count)) of them in \(code: radii.path).
          """))
    }
    if let meaning = request.aim.rightMeans(request.data.targetKind) {
      page.append(.paragraph("An example is right where this holds: \(meaning)."))
    }
    if request.isAboutClasses {
      page.append(contentsOf: try await pictures())
      page.append(.heading("Class by class"))
      page.append(.table(classTable()))
    }
    if let queriesCurve { page.append(contentsOf: AttackRun.blocks(queriesCurve)) }
    page.append(contentsOf: closeness())
    page.append(.heading("How to reproduce it"))
    if !request.command.isEmpty { page.append(.code(ShellWords.lines(request.command))) }
    page.append(
      .paragraph(
        """
        Every change that counts was checked to be within the limits, exactly, and \(request.subject.judgement). An attack that fails proves nothing: a stronger one may find more, so the share that held \
        is an \(emphasis: "upper bound").
        """))
    return page
  }

  /// What examples are that nothing is wrong with.
  private var right: String { request.isAboutClasses ? "read rightly" : "right" }

  /// What an attacker may change.
  private var change: String {
    request.threat.words + request.data.remark(on: request.threat)
      + (request.levels.map { ", rounded to \($0.values.count) levels" } ?? "")
  }

  private func lead(_ broken: Int) -> RichText {
    let what = "\(Format.count(outcomes.count)) examples of \(request.data.name)"
    if let target = request.target {
      let name = request.data.classNames.name(of: target)
      return """
        An attacker may change \(change). Of \(what), \
        \(strong: Format.count(broken)) could so be made to be read as \(name).
        """
    }
    if let aimed = request.aim.change {
      return """
        An attacker may change \(change). Of \(what), \(strong: Format.count(broken)) could so be \
        brought to this: \(aimed).
        """
    }
    return """
      Of \(what), \(strong: Format.percent(clean.share)) are \(right) as they are, and \
      \(strong: Format.percent(robust.share)) when an attacker may change \(change).
      """
  }

  private func warnings(_ broken: Int) -> [HTMLBlock] {
    var warnings: [RichText] = []
    if let failure = failures.first?.failure {
      warnings.append(
        """
        \(strong: "The attack itself failed on \(Format.count(failures.count)) examples"), which count \
        as not broken: \(failure.description).
        """)
    }
    if broken == 0 {
      let reason: RichText =
        if clean.count == 0 && request.target == nil && !request.aim.ignoresLabels {
          "There was nothing to break: no example is \(right) as it is."
        } else if request.threat.isEmpty && request.radii == nil {
          "Nothing may change: the radius is 0."
        } else if failures.count == outcomes.count {
          "The attack never came to its end, so the result says nothing."
        } else {
          "The attack broke nothing. A larger radius, more steps or another attack may."
        }
      warnings.append(reason)
    }
    return warnings.map { .paragraph($0) }
  }

  /// Some of the witnesses; a model elsewhere may refuse to say what it makes of them.
  private func pictures() async throws -> [HTMLBlock] {
    do {
      return try await rows()
    } catch let error as RemoteError {
      return [.paragraph("There are no pictures here: \(error.cause).")]
    }
  }

  /// What the shares in brackets are, where the model reveals any.
  private var sureness: String {
    if request.subject.knowledge == .labels { return "" }
    // What all examples share stops for none of them.
    if shared != nil { return "In brackets: how sure the network is. " }
    let habit =
      type(of: request.attack).search == .nearest
      ? "looks for the nearest change, so that is barely"
      : "stops as soon as it succeeds, so that is often barely"
    return "In brackets: how sure the network is; the attack \(habit). "
  }

  /// Pictures of some of the witnesses, as different as can be.
  private func rows() async throws -> [HTMLBlock] {
    let found = try outcomes.indices.lazy.filter {
      outcomes[$0].witness != nil && outcomes[$0].prediction == outcomes[$0].label
    }.prefix(1000).compactMap { place in
      try outcomes[place].witness.map { (example: try example(place), changed: $0.input) }
    }
    guard !found.isEmpty else { return [] }
    return try await Gallery(request.subject, data: request.data).blocks(found, sureness: sureness)
  }
}
