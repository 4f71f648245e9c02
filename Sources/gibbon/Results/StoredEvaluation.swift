import Evaluation
import Networks
import Reports
import Robustness
import Tensors

/// Verdicts as a file holds them.
struct StoredEvaluation {
  var verdicts: [Int: Verdict]
  var seconds: Double

  private static let format = "gibbon evaluation 2"

  init(verdicts: [Int: Verdict], seconds: Double) {
    self.verdicts = verdicts
    self.seconds = seconds
  }

  /// The bytes of the file.
  func encoded(fingerprint: EvaluationFingerprint, shape: Shape, name: String) -> [UInt8] {
    var file = SafeTensorsFile(name: name)
    let ordered = verdicts.sorted { $0.key < $1.key }.map(\.value)
    let inputs = ordered.compactMap { $0.witness?.input.scalars }
    file.tensors["witness"] = Tensor(
      inputs.flatMap { $0 }, shape: shape.prepending(inputs.count))
    file.metadata = ["format": Self.format, "seconds": "\(seconds)"]
    for part in fingerprint.parts { file.metadata["of " + part.name] = part.value }
    file.metadata["verdicts"] = JSONValue.array(ordered.map(Self.json)).text(.compact)
    return file.encoded()
  }

  private static func json(_ verdict: Verdict) -> JSONValue {
    let passes = [verdict.passes] + verdict.stagePasses
    return [
      "index": JSONValue(verdict.index), "label": JSONValue(verdict.label),
      "prediction": JSONValue(verdict.prediction.map { JSONValue($0) }),
      "clean": JSONValue(verdict.cleanMargin.bitPattern),
      "margin": JSONValue(verdict.margin.bitPattern),
      "nearest": JSONValue(verdict.nearest.map { JSONValue($0) }),
      "passes": .array(passes.flatMap { [JSONValue($0.forward), JSONValue($0.backward)] }),
      "failure": JSONValue(verdict.failure.map { JSONValue($0) }),
      "witness": JSONValue(
        verdict.witness.map { change -> JSONValue in
          [
            "hash": JSONValue(change.hash), "margin": JSONValue(change.margin.bitPattern),
            "prediction": JSONValue(change.prediction.map { JSONValue($0) }),
            "distance": JSONValue(change.distance), "attack": JSONValue(change.attack),
            "restart": JSONValue(change.restart),
            "rounding": RoundingRecord.json(change.rounding),
          ]
        }),
    ]
  }

  /// Reads a file.
  ///
  /// - Throws: `SafeTensorsError` or `BadArgument` that names the file and what does not fit.
  init(
    path: String, fingerprint: EvaluationFingerprint, shape: Shape, stageCount: Int,
    indices: Set<Int>
  ) throws {
    let file = try SafeTensorsFile(path: path)
    guard file.metadata["format"] == Self.format else {
      throw BadArgument("\(path): expected the file of an interrupted evaluation, or none")
    }
    for part in fingerprint.parts {
      let stored = file.metadata["of " + part.name] ?? ""
      guard stored == part.value else {
        let isHash = part.value.count == 64
        throw BadArgument(
          "\(path): holds an evaluation in which this differs: \(part.name)"
            + (isHash ? "" : " ('\(stored)', and now it is '\(part.value)')")
            + "; expected the same, or remove the file")
      }
    }
    func damaged(_ what: String) -> BadArgument {
      BadArgument("\(path): verdicts: expected \(what), as an interrupted evaluation writes it")
    }
    guard let seconds = file.metadata["seconds"].flatMap(Double.init), seconds >= 0 else {
      throw damaged("seconds")
    }
    self.seconds = seconds
    let values: [JSONValue]
    do {
      values = try JSONValue(parsing: file.metadata["verdicts"] ?? "").arrayValue ?? []
    } catch {
      throw damaged("JSON (\(error))")
    }
    let count = values.count { $0["witness"] != .null }
    let inputs = try file.tensor("witness", shape: shape.prepending(count))
    verdicts = [:]
    var row = 0
    for (place, value) in values.enumerated() {
      guard let verdict = Self.verdict(value, stageCount: stageCount, input: { inputs.row(row) }),
        indices.contains(verdict.index), verdicts[verdict.index] == nil
      else { throw damaged("a verdict at place \(place)") }
      if verdict.witness != nil { row += 1 }
      verdicts[verdict.index] = verdict
    }
  }

  private static func verdict(
    _ value: JSONValue, stageCount: Int, input: () -> Tensor<Float>
  ) -> Verdict? {
    func bits(_ value: JSONValue?) -> Double? {
      guard case .integer(let bits)? = value else { return nil }
      return UInt64(exactly: bits).map { Double(bitPattern: $0) }
    }
    guard let index = value["index"]?.intValue, let label = value["label"]?.intValue,
      let clean = bits(value["clean"]), let margin = bits(value["margin"]),
      let numbers = value["passes"]?.arrayValue?.compactMap(\.intValue),
      numbers.count == 2 * (stageCount + 1), numbers.allSatisfy({ 0...1 << 48 ~= $0 })
    else { return nil }
    var change: Verdict.Break?
    if let witness = value["witness"], witness != .null {
      guard let hash = witness["hash"]?.stringValue, let margin = bits(witness["margin"]),
        let distance = witness["distance"]?.doubleValue,
        let attack = witness["attack"]?.stringValue,
        let restart = witness["restart"]?.intValue,
        let rounding = RoundingRecord.rounding(witness["rounding"])
      else { return nil }
      let found = Verdict.Break(
        input: input(), margin: margin, rounding: rounding,
        prediction: witness["prediction"]?.intValue, distance: distance, attack: attack,
        restart: restart)
      guard found.hash == hash else { return nil }
      change = found
    }
    let passes = stride(from: 0, to: numbers.count, by: 2).map {
      Passes(forward: numbers[$0], backward: numbers[$0 + 1])
    }
    return Verdict(
      index: index, label: label, prediction: value["prediction"]?.intValue, cleanMargin: clean,
      margin: margin, witness: change, nearest: value["nearest"]?.doubleValue, passes: passes[0],
      stagePasses: Array(passes.dropFirst()), failure: value["failure"]?.stringValue)
  }
}
