import Attacks
import Certificates
package import Datasets
import Evaluation
import Files
import Images
import Insight
package import JSON
import Networks
import Reports
package import Robustness
import Settings
import Tensors

extension EvaluationRun {
  /// The object that `--json` writes; with a second network there are its results and the comparison too.
  package func json(_ pair: EvaluationPair? = nil) -> JSONValue {
    let passes = evaluation.passes
    var result = provenance.json(verb: "evaluate")
    result.merge([
      "eight_bit": JSONValue(request.levels != nil),
      "count": JSONValue(evaluation.records.count), "batch": JSONValue(request.batch),
      "clean_accuracy": JSONValue(evaluation.clean.share),
      "clean_interval": EvaluationRun.interval(evaluation.clean),
      "robust_accuracy": JSONValue(evaluation.robust.share),
      "robust_interval": EvaluationRun.interval(evaluation.robust),
      "seconds": JSONValue(seconds), "curve_seconds": JSONValue(curveSeconds),
      "check_seconds": JSONValue(checkSeconds),
      "forward_evaluations": JSONValue(passes.forward),
      "backward_evaluations": JSONValue(passes.backward),
      "inputs_asked": JSONValue(request.subject.asked),
      "attacks": .array(attacks), "remarks": .array(request.suite.remarks.map { JSONValue($0) }),
      "classes": .array(classes),
    ])
    if let certification {
      result["verified_accuracy"] = JSONValue(certification.accuracy.share)
      result["verified_interval"] = EvaluationRun.interval(certification.accuracy)
      var counts = JSONObject()
      for bound in Certificate.Bound.allCases {
        counts[bound.rawValue] = JSONValue(certification.count(by: bound))
      }
      result["verified_by"] = .object(counts)
      result["verify_seconds"] = JSONValue(verifySeconds)
      result["contradictions"] = .array(
        certification.contradictions(with: evaluation.records).map { JSONValue($0) })
    }
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
    result["warnings"] = DiagnosisStep.json(findings)
    result["engine"] = EngineRecord.json(computation)
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
    evaluation.records.enumerated().map { place, record in
      var example: JSONObject = [
        "index": JSONValue(record.index), "label": JSONValue(record.label),
        "prediction": JSONValue(record.prediction),
        "witness_prediction": JSONValue(record.adversarialExample?.prediction),
        "robust": JSONValue(record.isRobust),
        "attack": JSONValue(record.adversarialExample?.attack),
        "distance": JSONValue(record.adversarialExample?.distance),
        "witness": JSONValue(record.adversarialExample?.hash),
        "nearest": JSONValue(record.nearest),
        "margin": JSONValue(record.adversarialExample?.margin),
        "rounding": JSONValue(record.adversarialExample.map { RoundingRecord.json($0.rounding) }),
        "passes": JSONValue(record.passes.forward + record.passes.backward),
        "failure": JSONValue(record.failure),
      ]
      if let said = certification?.examples[place] {
        example["certified"] = JSONValue(said.isCertified)
        example["certified_by"] = JSONValue(
          said.isCertified ? said.certificate.bound.rawValue : nil)
        example["certified_margin"] = JSONValue(said.certificate.margin)
      }
      return .object(example)
    }
  }

  /// Where the changed inputs go.
  package enum Destination: Hashable {
    case file(String), folder(String)

    /// What the ending of a name says.
    package init(_ path: String) {
      self = FileEnding.saysArrays(path) ? .file(path) : .folder(path)
    }

    /// Whether a path looks like that of a file of another kind: letters after its last dot.
    private static func looksLikeFile(_ path: String) -> Bool {
      FileEnding.of(path).map { !$0.isEmpty && $0.allSatisfy(\.isLetter) } ?? false
    }

    /// Makes sure that it can be written.
    ///
    /// - Throws: `StudyError` or `FileError`.
    package func check(for data: Dataset) throws {
      guard case .folder(let path) = self else { return }
      if Destination.looksLikeFile(path), !Folder.exists(path) {
        throw StudyError(
          "\(Setting.save) is '\(path)'; expected a name that ends in .npz or .safetensors, or a folder, whose name may end in /"
        )
      }
      guard Bitmap(try data.image(at: 0), bounds: data.bounds) != nil else {
        throw StudyError(
          "\(Setting.save) is '\(path)', a folder of pictures, but examples have the shape \(data.exampleShape);"
            + " expected a name that ends in .npz or .safetensors")
      }
      if WholeFile.exists(path), !Folder.exists(path) {
        throw StudyError(
          "\(Setting.save) is '\(path)', which is a file; expected a folder, or a name that ends in .npz or .safetensors"
        )
      }
    }
  }

  /// Writes the changed inputs.
  ///
  /// - Parameters:
  ///   - destination: Where.
  ///   - observer: Told of what was removed, and of pictures that rounding undid.
  /// - Throws: `FileError`, and what the model throws.
  package func save(to destination: Destination, telling observer: Observer) async throws {
    switch destination {
    case .file(let path):
      try AtomicFile.write(try adversarialExamples().encoded(as: path), to: path)
    case .folder(let path): try await savePictures(in: path, observer)
    }
  }

  /// The changed inputs with their labels; see `RecordedRequest.adversarialExamples`.
  private func adversarialExamples() throws -> SafeTensorsFile {
    let rows = try broken()
    let records = Dictionary(
      evaluation.records.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    var file = request.adversarialExamples(
      rows.map { ($0.example, $0.change.input) },
      predictions: rows.map { (records[$0.example.index]?.prediction, $0.change.prediction) },
      margins: rows.map { ($0.change.margin, $0.change.rounding) })
    file.integers["label"] = SafeTensorsIntegers(
      rows.map { Int64($0.example.label) }, shape: [rows.count])
    file.metadata = provenance.metadata
    file.metadata["attack"] = request.suite.members.map(\.name).joined(separator: ", ")
    return file
  }

  /// Removes the pictures that an earlier evaluation left in a folder, known by their names; other files stay.
  private static func removePictures(in folder: String, _ observer: Observer) throws {
    let old = try Folder.names(in: folder).filter {
      $0.wholeMatch(of: #/[0-9]{6,}-class-[0-9]+-read-([0-9]+|none)\.png/#) != nil
    }
    for name in old { try Folder.remove(name, in: folder) }
    guard !old.isEmpty else { return }
    observer.note(
      "\(Format.count(old.count)) pictures of an earlier evaluation were removed from \(folder)"
    )
  }

  /// A PNG for each, named by index, class and what it is taken for; says how many rounding undid.
  private func savePictures(in folder: String, _ observer: Observer) async throws {
    try Folder.create(folder)
    try EvaluationRun.removePictures(in: folder, observer)
    let model = try request.subject.model()
    let levels = ByteLevels(request.data.bounds).values
    var undone = 0
    for (example, change) in try broken() {
      guard let picture = Bitmap(change.input, bounds: request.data.bounds) else { continue }
      let digits = String(example.index)
      let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let name =
        "\(padded)-class-\(example.label)-read-\(change.prediction.map(String.init) ?? "none").png"
      try AtomicFile.write(try picture.png(), to: folder + "/" + name)
      if request.levels == nil {
        let (lower, upper) = (request.data.bounds.lowerBound, request.data.bounds.upperBound)
        let rounded = change.input.map { value in
          let place = ((value - lower) / (upper - lower) * 255).rounded()
          return levels[min(max(Int(place), 0), 255)]
        }
        let label = try await model.readings(of: [rounded])[0].label
        if label == example.label { undone += 1 }
      }
    }
    guard undone > 0 else { return }
    observer.note(
      "\(undone) of \(evaluation.broken.count) pictures are classified correctly after rounding to 8 bits;"
        + " \(Setting.eightBit) finds adversarial examples that survive it")
  }

  /// Makes sure that no example is certified and broken.
  ///
  /// - Throws: `StudyError` that names the examples.
  package func checkCertificates() throws {
    if let alarm = certification?.alarm(evaluation.records, in: request.model) {
      throw StudyError(alarm)
    }
  }

  /// Makes sure that the attacks came to a result.
  ///
  /// - Throws: `StudyError` where one of them failed on every example and nothing was broken.
  package func checkAttacks() throws {
    try Evaluation.checkAttacks(evaluation.records, of: request.model)
  }
}

extension Evaluation {
  /// Makes sure that attacks came to a result.
  ///
  /// - Throws: `StudyError` where one of them failed on every example and nothing was broken.
  static func checkAttacks(_ records: [ExampleRecord], of model: String) throws {
    let attacked = records.filter(\.isRight)
    guard let failure = attacked.first?.failure,
      attacked.allSatisfy({ $0.failure != nil && $0.adversarialExample == nil })
    else { return }
    throw StudyError(
      "an attack failed on all \(Format.count(attacked.count)) examples of \(model) that it was run on, so"
        + " there is no result: \(failure)")
  }
}
