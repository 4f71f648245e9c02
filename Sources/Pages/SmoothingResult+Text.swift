import Files
import Reports
import Robustness
import Smoothing
package import Studies

extension SmoothingResult {
  /// What is printed.
  package var text: String {
    let lines = [
      "\(modelName) under \(noise) on \(dataName), \(Format.count(examples.count)) examples",
      "certified in \(noise.norm.rawValue.uppercased()), each wrong with a probability of at most \(specification.alpha), "
        + "seed \(specification.seed)",
    ]
    let remarks = [
      "abstentions \(Format.count(abstentions)); \(Format.count(Int(meanDraws.rounded()))) draws per example",
      "time \(Format.duration(seconds: seconds))",
    ]
    return [lines.safeLines, accuracyTable.text(), remarks.safeLines]
      .map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n\n")
  }

  /// The accuracy of the smoothed classifier, then what is certified within each radius.
  var accuracyTable: Table {
    var table = Table(columns: [
      .words("within"), .numbers("certified"), .numbers("examples"), .numbers("95 % interval"),
    ])
    for radius in [0] + radii {
      let share = certified(within: radius)
      let interval = share.interval
      table.append(texts: [
        radius == 0 ? "0 (accuracy)" : radius.plain, Format.percent(share.share, decimals: 2),
        Format.count(share.count),
        "\(Format.percent(interval.lowerBound, decimals: 1)) to \(Format.percent(interval.upperBound, decimals: 1))",
      ])
    }
    return table
  }
}
