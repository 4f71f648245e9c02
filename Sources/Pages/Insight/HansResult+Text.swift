import Datasets
import Files
import Insight
import Reports
import Robustness
package import Studies

extension HansResult {
  /// What is printed.
  package var text: String {
    let heading =
      "\(model) on \(data.name), \(Format.count(data.count)) pictures, seed \(specification.seed)"
    var parts = [heading.terminalSafe, classTable.text()]
    if !cues.isEmpty { parts.append(cueTable.text()) }
    if let demonstration { parts.append(demonstration.table.text()) }
    var sentences = [verdict]
    if let demonstration { sentences.append(demonstration.sentence) }
    sentences.append(
      "an alarm: \(Format.percent(CueTrial.margin, decimals: 0)) more flips than the control, by chance in"
        + " \(Format.percent(CueTrial.falseAlarms, decimals: 1)) of searches; time "
        + Format.duration(seconds: seconds))
    parts.append(sentences.safeLines)
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// The classes, a row each.
  var classTable: Table {
    var table = Table(
      caption: "classes",
      columns: [
        .words("class"), .numbers("pictures"), .numbers("clusters"), .numbers("suspicious"),
        .numbers("most flips"), .numbers("control"), .words("verdict"),
      ])
    for finding in findings {
      let trials = (finding.clusters.map(\.trial) + [finding.whole]).compactMap { $0 }
      let most = trials.max { $0.flips.share < $1.flips.share }
      table.append([
        Table.Cell(classNames.name(of: finding.label)), Table.Cell(Format.count(finding.count)),
        Table.Cell(Format.count(finding.clusters.count)),
        Table.Cell(Format.count(finding.clusters.count(where: \.isSuspicious))),
        Table.Cell(most.map { Format.percent($0.flips.share, decimals: 1) } ?? "–"),
        Table.Cell(most.map { Format.percent($0.control.share, decimals: 1) } ?? "–"),
        finding.cues.isEmpty
          ? "no cue found"
          : .emphasised(finding.cues.count == 1 ? "a cue" : "\(finding.cues.count) cues"),
      ])
    }
    return table
  }

  /// The cues, a row each.
  var cueTable: Table {
    var table = Table(
      caption: "cues",
      columns: [
        .words("class"), .numbers("in the class"), .numbers("in others"), .numbers("flips"),
        .numbers("control"), .numbers("read with it"), .numbers("without it"),
        .numbers("relevance there"), .numbers("area"),
      ])
    for (label, found) in cues {
      table.append(
        texts: [classNames.name(of: label)]
          + [
            found.inClass.share, found.inOthers.share, found.trial.flips.share,
            found.trial.control.share, found.readWith.share, found.readWithout.share,
            found.relevanceShare, found.areaShare,
          ].map { Format.percent($0, decimals: 1) })
    }
    return table
  }
}

extension HansDemonstration {
  /// The accuracies of the three networks.
  var table: Table {
    var table = Table(
      caption: "the demonstration, accuracy on \(Format.count(testCount)) test pictures",
      columns: [
        .words("network"), .numbers("as they are"), .numbers("cue on other classes"),
        .numbers("its class without it"),
      ])
    func append(_ name: String, _ accuracy: Accuracy) {
      table.append(
        texts: [name]
          + [accuracy.asTheyAre, accuracy.moved, accuracy.ofClass].map {
            Format.percent($0, decimals: 1)
          })
    }
    append("learned without the cue", reference)
    append("learned with the cue", deceived)
    if let repaired { append("learned with it at random", repaired) }
    return table
  }

  /// What was planted, found and repaired, in a sentence or two.
  var sentence: String {
    var words =
      "\(Format.count(plantedCount)) of \(Format.count(trainingCount)) training pictures had the cue \(plant);"
      + " the clusters' largest purity is \(Format.percent(purity, decimals: 1))"
    if let plantedInCarriers, let carrierCount {
      words +=
        ", and \(Format.count(plantedInCarriers)) of the \(Format.count(carrierCount)) pictures with the found cue were planted"
    }
    words += "."
    if let recovered {
      words +=
        " Where the cue moves, \(Format.percent(lost, decimals: 1)) of accuracy are lost; the remedy brings back"
        + " \(Format.percent(recovered, decimals: 1)) of that."
    } else if repaired == nil {
      words += " The search raised no alarm, so nothing was repaired."
    } else {
      words += " Less than 2 % of accuracy are lost where the cue moves."
    }
    return words
  }
}
