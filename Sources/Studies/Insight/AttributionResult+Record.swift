import Datasets
import Diagnosis
import Files
import Images
import Insight
import JSON
import Networks
import Robustness
import Tensors

extension AttributionResult: Encodable {
  /// The record of the attributions; the maps are in files of their own.
  public var record: StudyRecord {
    StudyRecord(
      "show attribution", specification,
      [
        "model": JSONValue(subject.name), "command": ShellWords.json(command),
        "model_digest": JSONValue(subject.fileDigest),
        "parameters_digest": JSONValue(subject.parametersDigest),
        "data": JSONValue(dataName), "seed": JSONValue(specification.seed),
        "examples": .array(examples.map(json)),
        "methods": .array(methods.indices.map(json)),
        "warnings": DiagnosisStep.json(findings),
        "engine": EngineRecord.json(computation),
      ])
  }

  private func json(_ example: Example) -> JSONValue {
    [
      "name": JSONValue(example.name), "index": JSONValue(example.index),
      "label": JSONValue(example.label),
      "classes": example.ranking.json(classNames, top: 5),
      "explained": JSONValue(example.explained),
      "explained_name": JSONValue(classNames.name(of: example.explained)),
    ]
  }

  private func json(_ place: Int) -> JSONValue {
    let method = methods[place]
    return [
      "name": JSONValue(method.name), "key": JSONValue(keys[place]),
      "settings": .object(
        (method.attributions.first?.settings ?? [:]).sorted { $0.key < $1.key }
          .reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.value) }),
      "score": JSONValue(method.attributions.first?.score.rawValue),
      "unit": JSONValue(method.attributions.first?.unit.rawValue),
      "seconds": JSONValue(method.seconds),
      "attributions": .array(method.attributions.indices.map { json(method, $0) }),
    ]
  }

  private func json(_ method: Method, _ example: Int) -> JSONValue {
    let one = method.attributions[example]
    var object: JSONObject = [
      "value": JSONValue(one.value),
      "sum": JSONValue(one.balance?.sum), "expected_sum": JSONValue(one.balance?.expected),
      "gap": JSONValue(one.balance?.gap),
      "relative_gap": JSONValue(
        one.balance.flatMap { $0.relativeGap.isFinite ? $0.relativeGap : nil }),
      "forward_evaluations": JSONValue(one.passes.forward),
      "backward_evaluations": JSONValue(one.passes.backward),
      "remarks": .array(one.remarks.map { JSONValue($0) }),
    ]
    if method.randomizations.indices.contains(example) {
      object["random_weights"] = .array(
        method.randomizations[example].steps.map {
          ["layers": JSONValue($0.layers), "rank_correlation": JSONValue($0.correlation)]
        })
    }
    if method.removals.indices.contains(example) {
      let removal = method.removals[example]
      object["deletion"] = json(removal.deletion, removal.randomDeletion)
      object["insertion"] = json(removal.insertion, removal.randomInsertion)
    }
    return .object(object)
  }

  private func json(
    _ curve: PixelRemoval.Curve, _ random: PixelRemoval.RandomOrders
  ) -> JSONValue {
    [
      "area": JSONValue(curve.area), "random_mean": JSONValue(random.mean),
      "random_interval": [
        JSONValue(random.interval.lowerBound), JSONValue(random.interval.upperBound),
      ],
      "shares": .array(curve.shares.map { JSONValue($0) }),
      "probabilities": .array(curve.probabilities.map { JSONValue($0) }),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}

extension AttributionResult {
  /// The name of the file of all maps in a folder of results.
  package static let arrays = "attributions.npz"

  /// Writes the maps into a folder, each file whole or not at all: a picture of each map, where inputs are pictures,
  /// and all numbers in `attributions.npz` (`x`, `class`, and an array for each method).
  ///
  /// - Parameter folder: The folder, which is made if there is none.
  /// - Returns: The names of the files.
  /// - Throws: `FileError`.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try Folder.create(folder)
    var arrays = [
      "x": NPYContents(Tensor.stacking(examples.map(\.input))),
      "class": NPYContents(examples.map(\.explained)),
    ]
    var names: [String] = []
    for (key, method) in zip(keys, methods) {
      arrays[key] = NPYContents(Tensor.stacking(method.attributions.map(\.map)))
      for (place, attribution) in method.attributions.enumerated() {
        guard
          let picture = AttributionPicture(
            attribution, over: examples[place].input, bounds: bounds)
        else { continue }
        let name = "\(exampleKeys[place])-\(key).png"
        try AtomicFile.write(try picture.png(), to: folder + "/" + name)
        names.append(name)
      }
    }
    try AtomicFile.write(
      try NPYContents.npz(sorted: arrays), to: folder + "/" + AttributionResult.arrays)
    return names + [AttributionResult.arrays]
  }
}
