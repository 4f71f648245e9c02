import JSON
import Tensors

/// What is said between Gibbon and a remote model.
///
/// A question is the object `{"inputs": [...]}` with an array per example, nested as its shape: numbers in the units
/// of the data. The answer is `{"outputs": [[...], ...]}` with as many rows of as many numbers as the model has classes
/// (scores or probabilities), or `{"labels": [...]}` with a label per example.
enum Contract {
  /// What a model answers with, as its first answer shows.
  enum Kind: Hashable {
    case outputs(Int)
    case labels

    /// How many numbers an answer has.
    var width: Int {
      switch self {
      case .outputs(let count): count
      case .labels: 1
      }
    }

    /// For messages.
    var words: String {
      switch self {
      case .outputs(let count): "\(count) outputs"
      case .labels: "labels"
      }
    }
  }

  /// The question for some examples.
  static func question(_ rows: [ArraySlice<Float>], shape: Shape) -> String {
    var text = "{\"inputs\": ["
    text.reserveCapacity(rows.reduce(32) { $0 + 12 * $1.count })
    for (index, row) in rows.enumerated() {
      if index > 0 { text += ", " }
      write(row, shape.extents[...], &text)
    }
    return text + "]}"
  }

  private static func write(
    _ values: ArraySlice<Float>, _ extents: ArraySlice<Int>, _ text: inout String
  ) {
    guard let extent = extents.first else {
      text += values.first?.description ?? "0"
      return
    }
    text += "["
    let size = values.count / max(extent, 1)
    for part in 0..<extent {
      if part > 0 { text += ", " }
      let start = values.startIndex + part * size
      write(values[start..<start + size], extents.dropFirst(), &text)
    }
    text += "]"
  }

  /// The rows of an answer; a label is a row of one number.
  ///
  /// - Parameters:
  ///   - bytes: The answer.
  ///   - count: The number of examples that were asked about.
  /// - Returns: How the model answers, and the rows.
  /// - Throws: `Misunderstanding` that says what is wrong with it.
  static func rows(_ bytes: [UInt8], count: Int) throws(Misunderstanding) -> (Kind, [[Float]]) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes, depthLimit: 8)
    } catch {
      throw Misunderstanding("the answer is not JSON: \(error)")
    }
    let expected = "expected {\"outputs\": [[...], ...]} or {\"labels\": [...]}"
    if let labels = value["labels"] {
      guard let labels = labels.arrayValue else {
        throw Misunderstanding("'labels' is not a list; \(expected)")
      }
      try check(labels.count, count, "labels")
      var rows: [[Float]] = []
      for (index, label) in labels.enumerated() {
        guard let label = label.intValue, 0..<1 << 24 ~= label else {
          throw Misunderstanding("label \(index) is not an integer from 0 on")
        }
        rows.append([Float(label)])
      }
      return (.labels, rows)
    }
    guard let outputs = value["outputs"]?.arrayValue else {
      throw Misunderstanding("the answer has neither 'outputs' nor 'labels'; \(expected)")
    }
    try check(outputs.count, count, "rows of outputs")
    var rows: [[Float]] = []
    for (index, row) in outputs.enumerated() {
      guard let numbers = row.arrayValue, !numbers.isEmpty else {
        throw Misunderstanding("row \(index) of 'outputs' is not a list of numbers")
      }
      var values: [Float] = []
      values.reserveCapacity(numbers.count)
      for number in numbers {
        // JSON has no NaN; null is how it is often written.
        guard let number = number == .null ? .nan : number.doubleValue else {
          throw Misunderstanding("row \(index) of 'outputs' holds a value that is not a number")
        }
        values.append(Float(number))
      }
      guard values.count == rows.first?.count ?? values.count else {
        throw Misunderstanding(
          "row \(index) has \(values.count) outputs, but row 0 has \(rows[0].count)")
      }
      rows.append(values)
    }
    return (.outputs(rows.first?.count ?? 0), rows)
  }

  private static func check(_ found: Int, _ asked: Int, _ what: String) throws(Misunderstanding) {
    guard found == asked else {
      throw Misunderstanding("the answer has \(found) \(what) for \(asked) inputs")
    }
  }

  /// What is wrong with an answer.
  struct Misunderstanding: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
