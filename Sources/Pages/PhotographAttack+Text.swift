import Insight
package import Studies
import Datasets
import Files
package import JSON
import Reports
package import Robustness
import Settings
import Tensors

extension PhotographAttack {
  /// How many classes are named.
  package static let top = 5

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

  /// The object that `--json` writes: that of the attack, and what the network sees.
  package var json: JSONValue {
    guard case .object(var object) = run.json else { return run.json }
    object["photo"] = JSONValue(photograph.path)
    object["before"] = before.json(names, top: PhotographAttack.top)
    object["after"] = JSONValue(after.map { $0.json(names, top: PhotographAttack.top) })
    object["saved"] = JSONValue(saved.map { $0.json(names, top: PhotographAttack.top) })
    object["survives_saving"] = JSONValue(saved == nil ? nil : JSONValue(survivesSaving))
    return .object(object)
  }
}
