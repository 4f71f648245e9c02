import Datasets
import Diagnosis
package import JSON
package import Networks
import Tensors

/// Which values some examples have, as a whole and, where they are rows of a table, by column.
package struct ValueRange: Sendable {
  /// The least and the largest value.
  let lower: Float
  let upper: Float
  /// The columns, of examples that are rows of values.
  let columns: Columns?
  /// Whether columns are those of a table, which has names for them.
  let isTable: Bool

  /// Looks at a few inputs.
  init(of inputs: Tensor<Float>) {
    self.init(inputs, nil, isTable: false)
  }

  /// Looks at all of a table, and at some inputs of other data.
  init(of data: Dataset, _ inputs: Tensor<Float>) {
    guard data.exampleShape.rank == 1 else {
      self.init(inputs, nil, isTable: false)
      return
    }
    let width = data.exampleShape.count
    self.init(
      inputs,
      data.columns
        ?? Columns(
          names: (1...width).map(String.init), values: inputs.scalars,
          isFixed: [Bool](repeating: false, count: width)), isTable: data.columns != nil)
  }

  private init(_ inputs: Tensor<Float>, _ columns: Columns?, isTable: Bool) {
    lower = columns?.lower.min() ?? inputs.scalars.min() ?? 0
    upper = columns?.upper.max() ?? inputs.scalars.max() ?? 0
    self.columns = columns
    self.isTable = isTable
  }

  /// What is wrong where one radius has to fit all columns.
  var finding: Finding? { columns.flatMap { ValueRange.finding($0) } }

  /// What is wrong where one radius has to fit all of some columns.
  static func finding(_ columns: Columns) -> Finding? {
    guard !columns.isBounding else { return nil }
    return Finding.columns(
      names: columns.names, lower: columns.lower, upper: columns.upper,
      deviations: columns.deviations)
  }

  /// The range in words; of a few columns that have their own, each.
  package var lines: [String] {
    let whole = "values from \(ValueRange.text(lower)) to \(ValueRange.text(upper))"
    guard let columns, isTable, columns.names.count <= 40,
      Set(zip(columns.lower, columns.upper).map { [$0, $1] }).count > 1
    else { return [whole] }
    return [whole + ", by column:"]
      + columns.names.indices.map { column in
        "\(columns.names[column].prefix(40)): \(ValueRange.text(columns.lower[column])) to"
          + " \(ValueRange.text(columns.upper[column]))"
      }
  }

  /// The same for results.
  package var json: JSONValue {
    let parts = (isTable ? columns : nil).map { columns in
      columns.names.indices.map { column -> JSONValue in
        [
          "name": JSONValue(columns.names[column]), "least": JSONValue(columns.lower[column]),
          "largest": JSONValue(columns.upper[column]),
        ]
      }
    }
    return [
      "least": JSONValue(lower), "largest": JSONValue(upper), "columns": .array(parts ?? []),
    ]
  }

  private static func text(_ value: Float) -> String { "\(value)" }
}

extension InputDescription {
  /// Whether it says in which range values lie; rows of features have that of the data unless something is said.
  package var hasRange: Bool {
    shape.rank == 3 || lowerBound != 0 || upperBound != 1 || networkRange != nil
  }
}

extension SafeTensorsFile {
  /// The bytes of the file, in the format that the end of its name says: NumPy's `.npz`, else safetensors.
  ///
  /// The metadata are the bytes of a JSON object, the array `metadata`, in `.npz`.
  package func encoded(as path: String) throws -> [UInt8] {
    guard path.hasSuffix(".npz") else { return encoded() }
    let integers = integers.mapValues {
      NPYContents(integers: $0.values.map(Int.init), shape: $0.shape)
    }
    var arrays = tensors.mapValues { NPYContents($0) }.merging(integers) { first, _ in first }
    if !metadata.isEmpty {
      var object = JSONObject()
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        object[key] = JSONValue(value)
      }
      // NumPy's archives have no other place for text.
      let text = Array(JSONValue.object(object).text(.compact).utf8)
      arrays["metadata"] = NPYContents(text, shape: [text.count])
    }
    return try NPYContents.npz(sorted: arrays)
  }
}
