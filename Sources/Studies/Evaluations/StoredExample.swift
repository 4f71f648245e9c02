import Robustness
import JSON
import Evaluation
import Tensors
/// A record as a record of a file: the length of a JSON text, the text, and the changed input's values.
struct StoredExample {
  var record: ExampleRecord
  /// How long the evaluation had taken by then.
  var seconds: Double

  init(_ record: ExampleRecord, seconds: Double) {
    self.record = record
    self.seconds = seconds
  }

  /// The bytes of the record.
  var encoded: [UInt8] {
    let text = Array(json.text(.compact).utf8)
    let input = record.adversarialExample?.input
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + text.count + 4 * (input?.count ?? 0))
    withUnsafeBytes(of: UInt32(text.count).littleEndian) { bytes += $0 }
    bytes += text
    for value in input?.scalars ?? [] {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  private var json: JSONValue {
    let passes = [record.passes] + record.stagePasses
    return [
      "seconds": JSONValue(seconds), "index": JSONValue(record.index),
      "label": JSONValue(record.label),
      "prediction": JSONValue(record.prediction),
      "clean": JSONValue(record.cleanMargin.bitPattern),
      "margin": JSONValue(record.margin.bitPattern),
      "nearest": JSONValue(record.nearest),
      "passes": .array(passes.flatMap { [JSONValue($0.forward), JSONValue($0.backward)] }),
      "failure": JSONValue(record.failure),
      "witness": JSONValue(
        record.adversarialExample.map { change -> JSONValue in
          [
            "hash": JSONValue(change.hash), "margin": JSONValue(change.margin.bitPattern),
            "prediction": JSONValue(change.prediction),
            "distance": JSONValue(change.distance), "attack": JSONValue(change.attack),
            "restart": JSONValue(change.restart),
            "rounding": RoundingRecord.json(change.rounding),
          ]
        }),
    ]
  }

  /// Reads a record; `nil` if it is not what `encoded` gives for such an evaluation.
  ///
  /// - Parameters:
  ///   - record: Its bytes.
  ///   - shape: The shape of inputs.
  ///   - stageCount: The number of attacks.
  init?(_ record: ArraySlice<UInt8>, shape: Shape, stageCount: Int) {
    guard record.count >= 4 else { return nil }
    let length = Int(record.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    let text = record.dropFirst(4).prefix(length)
    let values = record.dropFirst(4 + text.count)
    guard text.count == length, let value = try? JSONValue(parsing: Array(text)),
      let seconds = value["seconds"]?.doubleValue, seconds >= 0,
      let record = Self.record(value, values, shape: shape, stageCount: stageCount)
    else { return nil }
    self.init(record, seconds: seconds)
  }

  private static func record(
    _ value: JSONValue, _ input: ArraySlice<UInt8>, shape: Shape, stageCount: Int
  ) -> ExampleRecord? {
    func bits(_ value: JSONValue?) -> Double? {
      guard case .integer(let bits)? = value else { return nil }
      return UInt64(exactly: bits).map { Double(bitPattern: $0) }
    }
    guard let index = value["index"]?.intValue, let label = value["label"]?.intValue,
      let clean = bits(value["clean"]), let margin = bits(value["margin"]),
      let numbers = value["passes"]?.arrayValue?.compactMap(\.intValue),
      numbers.count == 2 * (stageCount + 1), numbers.allSatisfy({ 0...1 << 48 ~= $0 })
    else { return nil }
    var change: ExampleRecord.Break?
    if let adversarialExample = value["witness"], adversarialExample != .null {
      guard let hash = adversarialExample["hash"]?.stringValue,
        let margin = bits(adversarialExample["margin"]),
        let distance = adversarialExample["distance"]?.doubleValue,
        let attack = adversarialExample["attack"]?.stringValue,
        let restart = adversarialExample["restart"]?.intValue,
        let rounding = RoundingRecord.rounding(adversarialExample["rounding"]),
        input.count == 4 * shape.count
      else { return nil }
      let scalars = stride(from: input.startIndex, to: input.endIndex, by: 4).map { place in
        Float(bitPattern: input[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
      }
      let found = ExampleRecord.Break(
        input: Tensor(scalars, shape: shape), margin: margin, rounding: rounding,
        prediction: adversarialExample["prediction"]?.intValue, distance: distance, attack: attack,
        restart: restart)
      guard found.hash == hash else { return nil }
      change = found
    } else if !input.isEmpty {
      return nil
    }
    let passes = stride(from: 0, to: numbers.count, by: 2).map {
      Passes(forward: numbers[$0], backward: numbers[$0 + 1])
    }
    return ExampleRecord(
      index: index, label: label, prediction: value["prediction"]?.intValue, cleanMargin: clean,
      margin: margin, adversarialExample: change, nearest: value["nearest"]?.doubleValue,
      passes: passes[0],
      stagePasses: Array(passes.dropFirst()), failure: value["failure"]?.stringValue)
  }
}
