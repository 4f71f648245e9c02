import Datasets
import Files
import Insight
import Perception
package import Reports
import Robustness
package import Studies

extension ImperceptibleResult {
  /// What is printed.
  package var text: String {
    let request = run.request
    let place = specification.attack.photo ?? request.data.name
    let lines = [
      "\(request.model) on \(place), \(Format.count(run.outcomes.count)) "
        + (run.outcomes.count == 1 ? "example" : "examples")
        + ", \(request.threatDescription), seed \(request.seed)",
      request.attackDescription,
      "broken   \(Format.count(comparison.comparisons.count)) of \(Format.count(run.clean.count)) read rightly",
    ]
    guard !comparison.comparisons.isEmpty else {
      return (lines + [absence]).safeLines
    }
    var parts = [lines.safeLines, table().text()]
    parts.append([explanation].safeLines)
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// Why there is nothing to compare.
  var absence: String {
    run.clean.count == 0
      ? "there is nothing to compare: no example is read rightly as it is"
      : "there is nothing to compare: no adversarial example was found; a larger radius or another attack may find one"
  }

  /// What the numbers are.
  private var explanation: String {
    let several = comparison.comparisons.count > 1
    return
      "all three changes of a picture have the same Euclidean length"
      + (several ? "; medians" : "")
  }

  /// The measures of all kinds of change: in the median where there are several pictures.
  package func table() -> Table {
    let kinds = ChangeKind.allCases.filter { right($0).total > 0 }
    let isOne = comparison.comparisons.count == 1
    var table = Table(
      columns: [.words("")] + kinds.map { .numbers($0.words) })
    for measure in Self.measures {
      let spreads = kinds.map { spread(measure, $0) }
      if spreads.allSatisfy({ $0 == nil }) { continue }
      table.append(
        texts: [title(measure)]
          + spreads.map { spread in
            spread.map { number($0.median, measure) } ?? ""
          })
    }
    table.append(
      [Table.Cell(isOne ? "the model reads" : "read rightly")]
        + kinds.map { .emphasised(isOne ? reading($0) : share($0)) })
    return table
  }

  /// What the model reads where there is one picture.
  private func reading(_ kind: ChangeKind) -> String {
    guard let change = changes(kind).first, let label = change.prediction else {
      return "not a number"
    }
    let name = names.name(of: label)
    return change.probability.map { "\(name) (\(Format.percent($0, decimals: 1)))" } ?? name
  }

  private func share(_ kind: ChangeKind) -> String {
    let right = right(kind)
    return Format.percent(Proportion(right.count, of: right.total).share, decimals: 1)
  }

  /// What a measure is called, with its unit.
  func title(_ measure: Measure) -> String {
    let scales = comparison.comparisons.first?.changes.first?.difference.scales ?? 0
    return switch measure.key {
    case "pixels": "pixels changed (L0)"
    case "sum": "sum (L1)"
    case "length": "length (L2)"
    case "largest": "largest (L∞)"
    case "root_mean_square": "root mean square"
    case "psnr": "PSNR (dB)"
    case "ssim": "SSIM"
    case "ms_ssim": scales == 1 ? "MS-SSIM (1 scale)" : "MS-SSIM (\(scales) scales)"
    case "mean_color_difference": "CIEDE2000, mean"
    default: "CIEDE2000, largest"
    }
  }

  private func number(_ value: Double, _ measure: Measure) -> String {
    switch measure.key {
    case "pixels": Format.count(Int(value.rounded()))
    case "psnr": Format.fixed(value, decimals: 1)
    case "ssim", "ms_ssim": Format.fixed(value, decimals: 3)
    default: Format.significant(value, digits: 3)
    }
  }
}
