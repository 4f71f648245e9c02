import Files
import Reports
import Datasets
package import Studies
package import Robustness

extension AttackRun {
  /// What is printed.
  package var text: String {
    let broken = outcomes.filter { $0.adversarialExample != nil }
    var lines = [
      "\(request.model) on \(request.data.name), \(Format.count(outcomes.count)) examples",
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)"
        + (request.surrogates.isEmpty
          ? "" : ", made on \(request.surrogates.map(\.name).joined(separator: ", "))"),
      "",
    ]
    if let unfinished {
      lines += [
        "unfinished         \(Format.count(unfinished.count)) of "
          + "\(Format.count(outcomes.count + unfinished.count)) examples, so that there is no accuracy",
        "broken             \(Format.count(broken.count)) of the \(Format.count(outcomes.count)) finished",
      ]
    } else if let change = request.goalRule.change {
      lines += [
        "held               \(AttackRun.accuracy(robust))",
        "changed            \(Format.count(broken.count)) of \(Format.count(outcomes.count)): \(change)",
      ]
    } else {
      lines += [
        "natural accuracy   \(AttackRun.accuracy(clean))",
        "robust accuracy    \(AttackRun.accuracy(robust))",
      ]
      let count = Format.count(broken.count)
      if let target = request.target {
        lines.append(
          "made to be \(target)       \(count) of \(Format.count(outcomes.count))"
            + (request.confidence.map { ", each with more than \($0.words)" } ?? ""))
      } else {
        let right = request.isAboutClasses ? "classified correctly" : "right as they are"
        lines.append(
          "broken             \(count) of \(Format.count(clean.count)) \(right)"
            + (request.confidence.map { ", each with a wrong class above \($0.words)" } ?? ""))
      }
      if request.confidence != nil {
        lines.append("less surely        \(Format.count(lessSureCount)) more")
      }
    }
    if let choices = brokenByChoice { lines.append("of these           \(choices)") }
    if let meaning = request.goalRule.rightMeans(request.data.targetKind) {
      lines.append("right              \(meaning)")
    }
    lines.append(
      "time               \(Format.duration(seconds: seconds)), "
        + "\(Format.count(passes.forward)) forward and \(Format.count(passes.backward)) backward "
        + "evaluations")
    if let asked = request.subject.asked { lines.append(AttackRun.text(asked: asked)) }
    if unfinished == nil, let distance = medianDistance {
      lines.append(AttackRun.text(medianDistance: distance))
    }
    if unfinished == nil, let curve = queriesCurve { lines += AttackRun.text(curve) }
    if let rates = foolingRates {
      lines.append(
        "fooling rate       \(Format.percent(rates.seen, decimals: 2)) of those that the search saw"
          + (rates.heldOut.map { ", \(Format.percent($0, decimals: 2)) of the others" } ?? ""))
    }
    if let failure = failures.first?.failure {
      lines.append(
        "warning            the attack failed on \(Format.count(failures.count)) examples, which "
          + "count as not broken: \(failure)")
    }
    return lines.safeLines
  }

  /// What robust accuracy counts where a confidence is asked for; `nil` otherwise.
  var surenessRule: String? {
    request.confidence.map {
      "an example counts as broken only where the network gives "
        + (request.target == nil ? "one wrong class" : "the target") + " more than \($0.words)"
    }
  }

  /// How many examples each alternative of the threat broke, in words; `nil` where there is no choice.
  var brokenByChoice: String? {
    let choices = request.threat.choices
    guard choices.count > 1 else { return nil }
    return choices.enumerated().map { place, choice in
      "\(Format.count(outcomes.count { $0.alternative == place })) by \(choice)"
    }.joined(separator: ", ")
  }

  /// What a remote model was asked.
  package static func text(asked: Int) -> String {
    "asked              "
      + (asked == 0
        ? "nothing in this run: all answers were known"
        : "the model about \(Format.count(asked)) inputs in this run, about none twice")
  }

  /// Where changed inputs are.
  package static func text(saved count: Int, to path: String) -> String {
    "saved              \(count == 1 ? "the changed input" : "\(Format.count(count)) changed inputs") to \(path)"
  }

  /// A share with its confidence interval.
  package static func accuracy(_ share: Proportion) -> String {
    let interval = share.interval
    return Format.percent(share.share, decimals: 2)
      + "  (95 % confidence: \(Format.fixed(100 * interval.lowerBound, decimals: 1)) to "
      + "\(Format.fixed(100 * interval.upperBound, decimals: 1)) %)"
  }
}

extension Confidence {
  /// The probability, such as `99 %`.
  var words: String { Format.shortest((probability * 1e12).rounded() / 1e10) + " %" }
}
