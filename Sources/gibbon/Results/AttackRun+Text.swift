import Datasets
import Networks
import Reports
import Robustness
import Tensors

extension AttackRun {
  /// What is printed.
  var text: String {
    let broken = outcomes.filter { $0.witness != nil }
    var lines = [
      "\(request.model) on \(request.data.name), \(Format.count(outcomes.count)) examples",
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)", "",
    ]
    if let change = request.aim.change {
      lines += [
        "held               \(AttackRun.accuracy(robust))",
        "changed            \(Format.count(broken.count)) of \(Format.count(outcomes.count)): \(change)",
      ]
    } else {
      lines += [
        "natural accuracy   \(AttackRun.accuracy(clean))",
        "robust accuracy    \(AttackRun.accuracy(robust))",
        request.target.map {
          "made to be \($0)       \(Format.count(broken.count)) of \(Format.count(outcomes.count))"
        }
          ?? "broken             \(Format.count(broken.count)) of \(Format.count(clean.count)) classified rightly",
      ]
    }
    lines.append(
      "time               \(Format.duration(seconds: seconds)), "
        + "\(Format.count(passes.forward)) forward and \(Format.count(passes.backward)) backward "
        + "evaluations")
    if let failure = failures.first?.failure {
      lines.append(
        "warning            the attack failed on \(Format.count(failures.count)) examples, which "
          + "count as not broken: \(failure)")
    }
    return lines.joined(separator: "\n")
  }

  /// A share with its confidence interval.
  static func accuracy(_ share: Proportion) -> String {
    let interval = share.interval
    return Format.percent(share.share, decimals: 2)
      + "  (95 % confidence: \(Format.fixed(100 * interval.lowerBound, decimals: 1)) to "
      + "\(Format.fixed(100 * interval.upperBound, decimals: 1)) %)"
  }

  /// The object that `--json` writes.
  var json: JSONValue {
    let examples = outcomes.map { outcome -> JSONValue in
      [
        "index": JSONValue(outcome.index), "label": JSONValue(outcome.label.map { JSONValue($0) }),
        "prediction": JSONValue(outcome.prediction.map { JSONValue($0) }),
        "robust": JSONValue(isRobust(outcome)),
        "attack": JSONValue(outcome.witness.map { JSONValue($0.attack) }),
        "distance": JSONValue(outcome.witness.map { JSONValue($0.distance) }),
        "witness": JSONValue(outcome.witness.map { JSONValue($0.hash) }),
        "failure": JSONValue(outcome.failure.map { JSONValue("\($0)") }),
      ]
    }
    return [
      "verb": "attack", "version": JSONValue(Gibbon.versionText),
      "model": JSONValue(request.model), "data": JSONValue(request.data.name),
      "threat": JSONValue(request.threat.description),
      "radii": JSONValue(request.radii.map { JSONValue($0.path) }),
      "attack": JSONValue(request.attackDescription),
      "goal": JSONValue(request.aim.description),
      "eight_bit": JSONValue(request.levels != nil),
      "target": JSONValue(request.target.map { JSONValue($0) }),
      "seed": JSONValue(request.seed), "count": JSONValue(outcomes.count),
      "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(request.aim.ignoresLabels ? nil : JSONValue(clean.share)),
      "robust_accuracy": JSONValue(robust.share),
      "seconds": JSONValue(seconds), "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "warnings": Checkup.json(findings), "engine": EngineRecord.json(algorithms),
      "examples": .array(examples),
    ]
  }

  /// The changed inputs beside the originals, `x`, `witness`, `index`, `label`, as the name of the file says.
  func witnesses(as path: String) throws -> [UInt8] {
    let file = try witnesses()
    guard path.hasSuffix(".npz") else { return file.encoded() }
    return try NPYContents.npz(
      sorted: file.tensors.mapValues { NPYContents($0) }
        .merging(file.integers.mapValues { NPYContents($0.values.map(Int.init)) }) { first, _ in
          first
        })
  }

  /// The changed inputs beside the originals: `x`, `witness`, `index`, `label`.
  func witnesses() throws -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "witnesses")
    var rows: [(Tensor<Float>, Tensor<Float>, Int, Int)] = []
    for (example, witness) in try broken() {
      rows.append((example.input, witness.input, example.index, example.label))
    }
    let shape = request.network.input.shape.prepending(rows.count)
    file.tensors["x"] = Tensor(rows.flatMap(\.0.scalars), shape: shape)
    file.tensors["witness"] = Tensor(rows.flatMap(\.1.scalars), shape: shape)
    file.integers["index"] = SafeTensorsIntegers(rows.map { Int64($0.2) }, shape: [rows.count])
    file.integers["label"] = SafeTensorsIntegers(rows.map { Int64($0.3) }, shape: [rows.count])
    file.metadata = [
      "model": request.model, "data": request.data.name, "threat": request.threat.description,
      "attack": request.attackDescription, "seed": String(request.seed),
    ]
    return file
  }
}
