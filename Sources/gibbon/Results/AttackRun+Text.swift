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
      "\(request.threatDescription), \(request.attackDescription), seed \(request.seed)"
        + (request.surrogates.isEmpty
          ? "" : ", made on \(request.surrogates.map(\.name).joined(separator: ", "))"),
      "",
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
      ]
      let count = Format.count(broken.count)
      if let target = request.target {
        lines.append("made to be \(target)       \(count) of \(Format.count(outcomes.count))")
      } else {
        let right = request.isAboutClasses ? "classified rightly" : "right as they are"
        lines.append("broken             \(count) of \(Format.count(clean.count)) \(right)")
      }
    }
    if let choices = brokenByChoice { lines.append("of these           \(choices)") }
    if let meaning = request.aim.rightMeans(request.data.targetKind) {
      lines.append("right              \(meaning)")
    }
    lines.append(
      "time               \(Format.duration(seconds: seconds)), "
        + "\(Format.count(passes.forward)) forward and \(Format.count(passes.backward)) backward "
        + "evaluations")
    if let asked = request.subject.asked { lines.append(AttackRun.text(asked: asked)) }
    if let distance = medianDistance { lines.append(AttackRun.text(medianDistance: distance)) }
    if let curve = queriesCurve { lines += AttackRun.text(curve) }
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
    return lines.joined(separator: "\n")
  }

  /// How many examples each alternative of the threat broke, in words; `nil` where there is no choice.
  var brokenByChoice: String? {
    let choices = request.threat.choices
    guard choices.count > 1 else { return nil }
    return choices.enumerated().map { place, choice in
      "\(Format.count(outcomes.count { $0.alternative == place })) by \(choice)"
    }.joined(separator: ", ")
  }

  /// What a model elsewhere was asked.
  static func text(asked: Int) -> String {
    "asked              "
      + (asked == 0
        ? "nothing in this run: all answers were known"
        : "the model about \(Format.count(asked)) inputs in this run, about none twice")
  }

  /// Where changed inputs are.
  static func text(saved count: Int, to path: String) -> String {
    "saved              \(count == 1 ? "the changed input" : "\(Format.count(count)) changed inputs") to \(path)"
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
    let examples = zip(positions, outcomes).map { position, outcome -> JSONValue in
      [
        "index": JSONValue(outcome.index),
        "label": AttackRun.label(of: request.data.target(at: position), outcome),
        "prediction": JSONValue(outcome.prediction.map { JSONValue($0) }),
        "robust": JSONValue(isRobust(outcome)),
        "attack": JSONValue(outcome.witness.map { JSONValue($0.attack) }),
        "distance": JSONValue(outcome.witness.map { JSONValue($0.distance) }),
        "nearest": JSONValue(outcome.nearest.map { JSONValue($0.distance) }),
        "witness": JSONValue(outcome.witness.map { JSONValue($0.hash) }),
        "alternative": JSONValue(
          outcome.alternative.map { JSONValue(request.threat.choices[$0]) }),
        "queries": JSONValue(AttackRun.queries(of: outcome).map { JSONValue($0) }),
        "failure": JSONValue(outcome.failure.map { JSONValue("\($0)") }),
      ]
    }
    return [
      "verb": "attack", "version": JSONValue(Gibbon.versionText),
      "model": JSONValue(request.model), "data": JSONValue(request.data.name),
      "threat": JSONValue(request.threat.description),
      "radii": JSONValue(request.radii.map { JSONValue($0.path) }),
      "data_range": request.data.boundsColumns ? "columns" : .null,
      "fixed_columns": .array(request.data.fixedColumns.map { JSONValue($0) }),
      "attack": JSONValue(request.attackDescription),
      "goal": JSONValue(request.aim.description),
      "surrogates": .array(request.surrogates.map { JSONValue($0.name) }),
      "fooling_rate": JSONValue(foolingRates.map { JSONValue($0.seen) }),
      "held_out_fooling_rate": JSONValue(foolingRates?.heldOut.map { JSONValue($0) }),
      "eight_bit": JSONValue(request.levels != nil),
      "target": JSONValue(request.target.map { JSONValue($0) }),
      "seed": JSONValue(request.seed), "count": JSONValue(outcomes.count),
      "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(request.aim.ignoresLabels ? nil : JSONValue(clean.share)),
      "robust_accuracy": JSONValue(robust.share),
      "seconds": JSONValue(seconds), "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "inputs_asked": JSONValue(request.subject.asked.map { JSONValue($0) }),
      "median_distance": JSONValue(medianDistance.map { JSONValue($0) }),
      "queries_curve": JSONValue(queriesCurve.map { AttackRun.json($0) }),
      "warnings": Checkup.json(findings), "engine": EngineRecord.json(algorithms),
      "examples": .array(examples),
    ]
  }

  /// The class, where the attack was about it, or all labels or numbers of an example.
  private static func label(of target: Target, _ outcome: Outcome) -> JSONValue {
    switch target {
    case .label: JSONValue(outcome.label.map { JSONValue($0) })
    case .labels(let labels): .array(labels.map { JSONValue($0 ? 1 : 0) })
    case .numbers(let numbers): .array(numbers.map { JSONValue($0) })
    }
  }

  /// The changed inputs beside the originals: `x`, `witness`, `index` and, if the data have any, `label`, which has
  /// as many columns as examples have labels or numbers.
  func witnesses() throws -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "witnesses")
    var rows: [(Tensor<Float>, Tensor<Float>, Int)] = []
    var labels: [Int64] = []
    var numbers: [Float] = []
    for (example, witness) in try broken() {
      rows.append((example.input, witness.input, example.index))
      switch example.target {
      case .label(let label): labels.append(Int64(label))
      case .labels(let flags): labels += flags.map { $0 ? 1 : 0 }
      case .numbers(let values): numbers += values
      }
    }
    let shape = request.subject.input.shape.prepending(rows.count)
    file.tensors["x"] = Tensor(rows.flatMap(\.0.scalars), shape: shape)
    file.tensors["witness"] = Tensor(rows.flatMap(\.1.scalars), shape: shape)
    let parameters = try broken().map(\.witness.z)
    if !request.data.boundsColumns, let first = parameters.first,
      parameters.allSatisfy({ $0.shape == first.shape }),
      zip(parameters, rows).contains(where: { $0 != $1.1 })
    {
      file.tensors["parameters"] = Tensor.stacking(parameters)
    }
    if let shared { file.tensors["change"] = request.data.inOwnUnits(shared) }
    file.tensors.merge(request.data.columnTensors) { $1 }
    file.integers["index"] = SafeTensorsIntegers(rows.map { Int64($0.2) }, shape: [rows.count])
    let width = request.data.targetWidth
    switch request.data.targetKind {
    case .classes where !request.data.isLabelled: break
    case .classes: file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count])
    case .multiLabel:
      file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count, width])
    case .numbers: file.tensors["label"] = Tensor(numbers, shape: [rows.count, width])
    }
    file.metadata = [
      "model": request.model, "data": request.data.name, "threat": request.threat.description,
      "attack": request.attackDescription, "seed": String(request.seed),
    ]
    file.metadata.merge(request.data.threatMetadata) { $1 }
    return file
  }
}
