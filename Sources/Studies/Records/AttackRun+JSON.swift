import Robustness
import Datasets
package import JSON

extension AttackRun {
  /// The object that `--json` writes.
  package var json: JSONValue {
    let examples = zip(positions, outcomes).map { position, outcome -> JSONValue in
      [
        "index": JSONValue(outcome.index),
        "label": AttackRun.label(of: request.data.target(at: position), outcome),
        "prediction": JSONValue(outcome.prediction.map { JSONValue($0) }),
        "witness_prediction": JSONValue(
          outcome.witness?.prediction.map { JSONValue($0) }),
        "robust": JSONValue(isRobust(outcome)),
        "attack": JSONValue(outcome.witness.map { JSONValue($0.attack) }),
        "distance": JSONValue(outcome.witness.map { JSONValue($0.distance) }),
        "nearest": JSONValue(outcome.nearest.map { JSONValue($0.distance) }),
        "margin": JSONValue((outcome.witness ?? outcome.nearest).map { JSONValue($0.margin) }),
        "rounding": JSONValue(
          (outcome.witness ?? outcome.nearest).map { RoundingRecord.json($0.rounding) }),
        "witness": JSONValue(outcome.witness.map { JSONValue($0.hash) }),
        "alternative": JSONValue(
          outcome.alternative.map { JSONValue(request.threat.choices[$0]) }),
        "queries": JSONValue(AttackRun.queries(of: outcome).map { JSONValue($0) }),
        "failure": JSONValue(outcome.failure.map { JSONValue("\($0)") }),
      ]
    }
    var result = provenance.json(verb: "attack")
    result.merge([
      "radii": JSONValue(request.radii.map { JSONValue($0.path) }),
      "attack": JSONValue(request.attackDescription),
      "attack_name": JSONValue(type(of: request.attack).name),
      "attack_options": JSONValue(request.settings?.json),
      "goal": JSONValue(request.aim.description),
      "surrogates": .array(request.surrogates.map { JSONValue($0.name) }),
      "fooling_rate": JSONValue(foolingRates.map { JSONValue($0.seen) }),
      "held_out_fooling_rate": JSONValue(foolingRates?.heldOut.map { JSONValue($0) }),
      "eight_bit": JSONValue(request.levels != nil),
      "target": JSONValue(request.target.map { JSONValue($0) }),
      "count": JSONValue(outcomes.count),
      "unfinished": JSONValue(unfinished?.count ?? 0),
      "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(
        request.aim.ignoresLabels || unfinished != nil ? nil : JSONValue(clean.share)),
      "robust_accuracy": JSONValue(unfinished == nil ? JSONValue(robust.share) : nil),
      "seconds": JSONValue(seconds), "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "inputs_asked": JSONValue(request.subject.asked.map { JSONValue($0) }),
      "median_distance": JSONValue(
        unfinished == nil ? medianDistance.map { JSONValue($0) } : nil),
      "queries_curve": JSONValue(
        unfinished == nil ? queriesCurve.map { AttackRun.json($0) } : nil),
      "warnings": Checkup.json(findings), "engine": EngineRecord.json(algorithms),
      "examples": .array(examples),
    ])
    return .object(result)
  }

  /// The class, where the attack was about it, or all labels or numbers of an example.
  private static func label(of target: Target, _ outcome: Outcome) -> JSONValue {
    switch target {
    case .label: JSONValue(outcome.label.map { JSONValue($0) })
    case .labels(let labels): .array(labels.map { JSONValue($0 ? 1 : 0) })
    case .numbers(let numbers): .array(numbers.map { JSONValue($0) })
    }
  }
}
