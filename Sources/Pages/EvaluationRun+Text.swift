import Certificates
import Datasets
import Evaluation
import Files
import Insight
import Reports
import Robustness
package import Studies

extension EvaluationRun {
  /// What is printed.
  package var text: String {
    let count = evaluation.records.count
    let passes = evaluation.passes
    var lines = [
      "\(request.model) on \(request.data.name), \(Format.count(count)) examples",
      "\(request.threatDescription), \(request.suite.members.map(\.name).joined(separator: ", ")), "
        + "seed \(request.seed)",
    ]
    lines += request.suite.remarks.map { "note: \($0)" }
    lines += [
      "", "natural accuracy   \(AttackRun.accuracy(evaluation.clean))",
      "robust accuracy    \(AttackRun.accuracy(evaluation.robust))"
        + (certification == nil ? "" : ", at most"),
    ]
    if let certification {
      lines += [
        "verified accuracy  \(AttackRun.accuracy(certification.accuracy)), at least",
        "                   certified \(certification.counts); \(certification.brackets(evaluation))",
      ]
      if let alarm = certification.alarm(evaluation.records, in: request.model) {
        lines.append("ERROR              \(alarm)")
      }
    }
    lines += [
      "broken             \(Format.count(evaluation.broken.count)) of "
        + "\(Format.count(evaluation.clean.count)) classified correctly",
      "time               \(Format.duration(seconds: seconds)), "
        + "\(Format.count(passes.forward)) forward and \(Format.count(passes.backward)) backward evaluations",
    ]
    if !checks.isEmpty || curve != nil || certification != nil {
      lines.append(
        "                   and "
          + ([
            certification.map { _ in
              "\(Format.duration(seconds: verifySeconds)) for the verification"
            },
            curve.map { _ in "\(Format.duration(seconds: curveSeconds)) for the curve" },
            checks.isEmpty ? nil : "\(Format.duration(seconds: checkSeconds)) for the checklist",
          ] as [String?]).compactMap { $0 }.joined(separator: ", "))
    }
    if let asked = request.subject.asked { lines.append(AttackRun.text(asked: asked)) }
    if let failure = evaluation.failures.first?.failure {
      lines.append(
        "warning            an attack failed on \(Format.count(evaluation.failures.count)) examples: \(failure)"
      )
    }
    var parts = [lines.safeLines, attackTable().text(), classTable().text()]
    if let curve { parts.append(curveTable(curve).text()) }
    if !checks.isEmpty { parts.append(checkLines) }
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// What each attack did.
  func attackTable() -> Table {
    var table = Table(columns: [
      .words("attack"), .numbers("tried on"), .numbers("broke"), .numbers("accuracy after"),
      .numbers("passes per example"), .numbers("time (by passes)"),
    ])
    for part in evaluation.contributions {
      let passes = Double(part.passes.forward + part.passes.backward) / Double(max(1, part.tried))
      table.append(texts: [
        part.name, Format.count(part.tried), Format.count(part.broken),
        Format.percent(part.accuracy.share, decimals: 2), Format.count(Int(passes.rounded())),
        Format.duration(seconds: part.share * seconds),
      ])
    }
    return table
  }

  /// Accuracy class by class.
  func classTable() -> Table {
    let names = request.data.classNames
    var table = Table(
      columns: [.words("class"), .numbers("examples"), .numbers("natural"), .numbers("robust")]
        + (certification == nil ? [] : [.numbers("verified")]) + [.words("most often taken for")])
    let certified = Dictionary(grouping: certification?.examples ?? [], by: \.label)
    for (label, clean, robust, records) in evaluation.classes {
      table.append(
        texts: [
          names.name(of: label), Format.count(clean.total), Format.percent(clean.share),
          Format.percent(robust.share),
        ]
          + (certified[label].map {
            [Format.percent(Double($0.count(where: \.isCertified)) / Double($0.count))]
          } ?? [])
          + [names.mostOften(records.map { $0.adversarialExample?.prediction })])
    }
    return table
  }

  /// Accuracy radius by radius.
  func curveTable(_ curve: AccuracyCurve) -> Table {
    var table = Table(columns: [
      .numbers("radius"), .numbers("robust"), .numbers("95 % confidence"),
    ])
    for (point, radius) in zip(curve.points, request.radii) {
      let interval = point.accuracy.interval
      table.append(texts: [
        radius.text,
        Format.percent(point.accuracy.share, decimals: 2),
        "\(Format.fixed(100 * interval.lowerBound, decimals: 1)) to "
          + "\(Format.fixed(100 * interval.upperBound, decimals: 1)) %",
      ])
    }
    return table
  }

  /// The checklist: what is suspicious first.
  private var checkLines: String {
    var lines: [String] = []
    for check in checks where check.status == .suspicious {
      lines.append("suspicious (\(check.kind.rawValue)): \(check.evidence); \(check.advice)")
    }
    let clear = checks.filter { $0.status == .clear }
    if lines.isEmpty {
      lines.append("nothing suspicious in \(clear.count) of \(checks.count) checks:")
    } else {
      lines.append("not suspicious:")
    }
    for check in clear { lines.append("  \(check.kind.rawValue): \(check.evidence)") }
    for check in checks where check.status == .unknown {
      lines.append("  \(check.kind.rawValue): not computed: \(check.evidence)")
    }
    return lines.safeLines
  }
}

extension Certification {
  /// Between which bounds the robust accuracy lies.
  func brackets(_ evaluation: Evaluation) -> String {
    "the true one lies in \(Format.percent(accuracy.share, decimals: 2)) to "
      + Format.percent(evaluation.robust.share, decimals: 2)
  }

  /// How many examples are certified by which bound.
  var counts: String {
    "\(Format.count(count(by: .interval))) by intervals, "
      + "\(Format.count(count(by: .linear))) by linear bounds, "
      + "\(Format.count(count(by: .refined))) by refined ones"
  }
}

extension EvaluationPair {
  /// What is printed below the first network's results.
  package var text: String { "\(second.text)\n\n\(table.text())\n\(summary.terminalSafe)" }
}
