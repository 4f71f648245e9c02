import Datasets
import Files
package import JSON
package import Networks
import Remote
import Reports
import Robustness
import Tensors

extension AttackRun {
  /// The object that `--json` writes.
  package var json: JSONValue {
    let examples = zip(positions, outcomes).map { position, outcome -> JSONValue in
      [
        "index": JSONValue(outcome.index),
        "label": AttackRun.label(of: request.data.target(at: position), outcome),
        "prediction": JSONValue(outcome.prediction),
        "witness_prediction": JSONValue(outcome.adversarialExample?.prediction),
        "robust": JSONValue(isRobust(outcome)),
        "attack": JSONValue(outcome.adversarialExample?.attack),
        "distance": JSONValue(outcome.adversarialExample?.distance),
        "nearest": JSONValue(outcome.nearest?.distance),
        "margin": JSONValue((outcome.adversarialExample ?? outcome.nearest)?.margin),
        "rounding": JSONValue(
          (outcome.adversarialExample ?? outcome.nearest).map { RoundingRecord.json($0.rounding) }),
        "witness": JSONValue(outcome.adversarialExample?.hash),
        "confidence": JSONValue(confidence(outcome)),
        "less_sure": JSONValue(
          outcome.lessSure.map {
            ["witness": JSONValue($0.hash), "prediction": JSONValue($0.prediction)]
          }),
        "alternative": JSONValue(
          outcome.alternative.map { JSONValue(request.threat.choices[$0]) }),
        "queries": JSONValue(AttackRun.queries(of: outcome)),
        "failure": JSONValue(outcome.failure.map { JSONValue("\($0)") }),
      ]
    }
    var result = provenance.json(verb: "attack")
    result.merge([
      "radii": JSONValue(request.radii?.path),
      "attack": JSONValue(request.attackDescription),
      "attack_name": JSONValue(type(of: request.attack).name),
      "attack_options": JSONValue(request.settings?.json),
      "goal": JSONValue(request.goalRule.description),
      "confidence": JSONValue(request.confidence?.probability),
      "surrogates": .array(request.surrogates.map { JSONValue($0.name) }),
      "fooling_rate": JSONValue(foolingRates?.seen),
      "held_out_fooling_rate": JSONValue(foolingRates?.heldOut),
      "eight_bit": JSONValue(request.levels != nil),
      "target": JSONValue(request.target),
      "count": JSONValue(outcomes.count),
      "unfinished": JSONValue(unfinished?.count ?? 0),
      "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(
        request.goalRule.ignoresLabels || unfinished != nil ? nil : JSONValue(clean.share)),
      "robust_accuracy": JSONValue(unfinished == nil ? JSONValue(robust.share) : nil),
      "seconds": JSONValue(seconds), "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "inputs_asked": JSONValue(request.subject.asked),
      "median_distance": JSONValue(unfinished == nil ? medianDistance : nil),
      "queries_curve": JSONValue(
        unfinished == nil ? queriesCurve.map { AttackRun.json($0) } : nil),
      "warnings": DiagnosisStep.json(findings), "engine": EngineRecord.json(computation),
      "examples": .array(examples),
    ])
    return .object(result)
  }

  /// The class, where the attack was about it, or all labels or numbers of an example.
  private static func label(of target: Target, _ outcome: Outcome) -> JSONValue {
    switch target {
    case .label: JSONValue(outcome.label)
    case .labels(let labels): .array(labels.map { JSONValue($0 ? 1 : 0) })
    case .numbers(let numbers): .array(numbers.map { JSONValue($0) })
    }
  }

  /// The changed inputs (see `RecordedRequest.adversarialExamples`) and, if the data have any, `label`, which has as many columns as
  /// examples have labels or numbers.
  package func adversarialExamples() throws -> SafeTensorsFile {
    let rows = try broken()
    let found = outcomes.filter { $0.adversarialExample != nil }
    var file = request.adversarialExamples(
      rows.map { ($0.example, $0.adversarialExample.input) },
      predictions: found.map { ($0.prediction, $0.adversarialExample?.prediction) },
      margins: rows.map { ($0.adversarialExample.margin, $0.adversarialExample.rounding) })
    var labels: [Int64] = []
    var numbers: [Float] = []
    for (example, _) in rows {
      switch example.target {
      case .label(let label): labels.append(Int64(label))
      case .labels(let flags): labels += flags.map { $0 ? 1 : 0 }
      case .numbers(let values): numbers += values
      }
    }
    let width = request.data.targetWidth
    switch request.data.targetKind {
    case .classes where !request.data.isLabelled: break
    case .classes: file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count])
    case .multiLabel:
      file.integers["label"] = SafeTensorsIntegers(labels, shape: [rows.count, width])
    case .numbers: file.tensors["label"] = Tensor(numbers, shape: [rows.count, width])
    }
    if !request.data.boundsColumns { addParameters(of: found, to: &file) }
    if let shared { file.tensors["change"] = request.data.inOwnUnits(shared) }
    file.metadata = metadata
    return file
  }

  /// The numbers that changed the examples, such as angles: one array where the threat is no ball; of a choice, which
  /// alternative broke an example, and an array for each alternative that is no ball, of the examples that it broke.
  private func addParameters(of found: [Outcome], to file: inout SafeTensorsFile) {
    func isBall(_ outcome: Outcome) -> Bool {
      outcome.adversarialExample.map { $0.z == $0.input } ?? true
    }
    let choices = request.threat.choices.count
    guard choices > 1 else {
      let parameters = found.compactMap { $0.adversarialExample?.z }
      if let first = parameters.first, parameters.allSatisfy({ $0.shape == first.shape }),
        !found.allSatisfy(isBall)
      {
        file.tensors["parameters"] = Tensor.stacking(parameters)
      }
      return
    }
    file.integers["alternative"] = SafeTensorsIntegers(
      found.map { Int64($0.alternative ?? 0) }, shape: [found.count])
    for choice in 0..<choices {
      let own = found.filter { $0.alternative == choice }
      let parameters = own.compactMap { $0.adversarialExample?.z }
      guard let first = parameters.first, parameters.allSatisfy({ $0.shape == first.shape }),
        !own.allSatisfy(isBall)
      else { continue }
      file.tensors["parameters.\(choice)"] = Tensor.stacking(parameters)
    }
  }

  /// What the changed inputs are about, as metadata of their file.
  private var metadata: [String: String] {
    var entries = provenance.metadata
    entries["attack"] = request.attackDescription
    entries["attack_name"] = type(of: request.attack).name
    entries["attack_options"] = request.settings?.json.text(.compact)
    return entries
  }

  /// Makes sure that the run came to a result.
  ///
  /// - Parameters:
  ///   - files: Where what is finished was written.
  ///   - answers: Where the answers of a remote model are kept until it comes to its end.
  /// - Throws: `StudyError` where the model ceased to answer, or where the attack failed on every example.
  package func checkEnd(keptIn files: [String], _ answers: String?) throws {
    if let unfinished {
      let remedy =
        answers.map { ", \($0) all answers; run the same command again to continue" } ?? ""
      let cause = (unfinished.reason as? RemoteError)?.cause ?? "\(unfinished.reason)"
      throw StudyError(
        "\(cause); \(kept(in: files, of: outcomes.count + unfinished.count))\(remedy)")
    }
    let attacked = outcomes.filter { $0.cleanMargin <= 0 }
    guard let failure = attacked.first?.failure,
      attacked.allSatisfy({ $0.failure != nil && $0.adversarialExample == nil })
    else { return }
    throw StudyError(
      "the attack failed on all \(Format.count(attacked.count)) examples that it was run on, so there is no result:"
        + " \(failure)")
  }

  /// What is in files of a run that came to no end.
  private func kept(in files: [String], of total: Int) -> String {
    "\(files.joined(separator: " and ")) \(files.count == 1 ? "holds" : "hold") the \(outcomes.count) of"
      + " \(total) examples that were finished"
  }

  /// Writes what is finished of a run that was interrupted, where no result of an earlier one is in the way.
  ///
  /// - Returns: What happened.
  package func interruption(_ json: String?, _ save: String?) -> String {
    let files = [json, save].compactMap { $0 }
    guard let unfinished, !outcomes.isEmpty, !files.isEmpty else { return "interrupted" }
    func isFree(_ path: String) -> Bool { path.hasPrefix("/dev/") || !WholeFile.exists(path) }
    var written: [String] = []
    var rest: [String] = []
    for (path, bytes) in [
      (json, { Array((self.json.text(.pretty) + "\n").utf8) }),
      (save, { try adversarialExamples().encoded(as: save ?? "") }),
    ] as [(String?, () throws -> [UInt8])] {
      guard let path else { continue }
      guard isFree(path) else {
        rest.append("\(path) is left as it was")
        continue
      }
      do {
        try AtomicFile.write(try bytes(), to: path)
        written.append(path)
      } catch { rest.append("\(error)") }
    }
    let total = outcomes.count + unfinished.count
    return (["interrupted"] + (written.isEmpty ? [] : [kept(in: written, of: total)]) + rest)
      .joined(separator: "; ")
  }
}
