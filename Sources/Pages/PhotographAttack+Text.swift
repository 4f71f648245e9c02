import Tensors
import Reports
import Settings
import Files
import Insight
package import Studies
import JSON
package import Robustness

extension PhotographAttack {
  /// What is printed.
  package func text(savedAs path: String?) -> String {
    let request = run.request
    var lines = [
      "\(request.model) on \(photograph.path)",
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)", "",
    ]
    if let after, let witness {
      lines += table([("as it is", before), ("changed", after)])
      lines.append("change   \(size(witness))")
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
  package func size(_ witness: Witness) -> String {
    let change = witness.input - input
    let count = change.scalars.count { $0 != 0 }
    return "at most \(Triptych.text(change.normInfinity)), length \(Triptych.text(change.norm2)), "
      + "\(Format.count(count)) of \(Format.count(change.count)) values"
  }
}
