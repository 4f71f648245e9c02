import Attacks
import Datasets
import Evaluation
import Insight
package import JSON
package import Robustness

extension EvaluationRun {
  /// The object that `--json` writes; with a second network there are its results and the comparison too.
  package func json(_ pair: EvaluationPair? = nil) -> JSONValue {
    let passes = evaluation.passes
    var result = provenance.json(verb: "evaluate")
    result.merge([
      "eight_bit": JSONValue(request.levels != nil),
      "count": JSONValue(evaluation.verdicts.count), "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(evaluation.clean.share),
      "clean_interval": EvaluationRun.interval(evaluation.clean),
      "robust_accuracy": JSONValue(evaluation.robust.share),
      "robust_interval": EvaluationRun.interval(evaluation.robust),
      "seconds": JSONValue(seconds), "curve_seconds": JSONValue(curveSeconds),
      "check_seconds": JSONValue(checkSeconds),
      "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "inputs_asked": JSONValue(request.subject.asked.map { JSONValue($0) }),
      "attacks": .array(attacks), "remarks": .array(request.suite.remarks.map { JSONValue($0) }),
      "classes": .array(classes),
    ])
    if let curve {
      result["curve"] = .array(
        zip(curve.points, request.radii).map { point, radius in
          [
            "radius": JSONValue(point.radius), "radius_text": JSONValue(radius.text),
            "robust_accuracy": JSONValue(point.accuracy.share),
            "interval": EvaluationRun.interval(point.accuracy),
          ]
        })
      result["curve_forward_evaluations"] = JSONValue(curvePasses.forward)
      result["curve_backward_evaluations"] = JSONValue(curvePasses.backward)
    }
    result["checks"] = .array(
      checks.map {
        [
          "kind": JSONValue($0.kind.rawValue), "status": JSONValue($0.status.rawValue),
          "evidence": JSONValue($0.evidence), "advice": JSONValue($0.advice),
        ]
      })
    result["warnings"] = Checkup.json(findings)
    result["engine"] = EngineRecord.json(algorithms)
    if let pair {
      result["comparison"] = pair.json
      result["second"] = pair.second.json()
    }
    result["examples"] = .array(examples)
    return .object(result)
  }

  /// The ends of the 95 % confidence interval of a share.
  package static func interval(_ share: Proportion) -> JSONValue {
    [JSONValue(share.interval.lowerBound), JSONValue(share.interval.upperBound)]
  }

  private var attacks: [JSONValue] {
    zip(evaluation.contributions, request.suite.members).map { part, member in
      [
        "name": JSONValue(part.name), "attack": JSONValue(member.description),
        "attack_name": JSONValue(member.attackName),
        "attack_options": JSONValue(settings(of: member)?.json),
        "tried": JSONValue(part.tried), "broken": JSONValue(part.broken),
        "accuracy_after": JSONValue(part.accuracy.share),
        "forward_evaluations": JSONValue(part.passes.forward),
        "backward_evaluations": JSONValue(part.passes.backward),
        "seconds": JSONValue(part.share * seconds),
      ]
    }
  }

  /// An attack of the suite with the values of all its options.
  private func settings(of member: Suite.Member) -> AttackSettings? {
    Catalogue.row(of: member.attack).map {
      AttackSettings($0, member.options, threat: request.threat)
    }
  }

  private var classes: [JSONValue] {
    evaluation.classes.map { label, clean, robust, _ in
      [
        "label": JSONValue(label), "name": JSONValue(request.data.classNames.name(of: label)),
        "count": JSONValue(clean.total), "clean_accuracy": JSONValue(clean.share),
        "robust_accuracy": JSONValue(robust.share),
      ]
    }
  }

  private var examples: [JSONValue] {
    evaluation.verdicts.map { verdict in
      [
        "index": JSONValue(verdict.index), "label": JSONValue(verdict.label),
        "prediction": JSONValue(verdict.prediction.map { JSONValue($0) }),
        "witness_prediction": JSONValue(
          verdict.witness?.prediction.map { JSONValue($0) }),
        "robust": JSONValue(verdict.isRobust),
        "attack": JSONValue(verdict.witness.map { JSONValue($0.attack) }),
        "distance": JSONValue(verdict.witness.map { JSONValue($0.distance) }),
        "witness": JSONValue(verdict.witness.map { JSONValue($0.hash) }),
        "nearest": JSONValue(verdict.nearest.map { JSONValue($0) }),
        "margin": JSONValue(verdict.witness.map { JSONValue($0.margin) }),
        "rounding": JSONValue(verdict.witness.map { RoundingRecord.json($0.rounding) }),
        "passes": JSONValue(verdict.passes.forward + verdict.passes.backward),
        "failure": JSONValue(verdict.failure.map { JSONValue($0) }),
      ]
    }
  }
}
