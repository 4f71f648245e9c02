import Settings
import Tensors

/// What is known of the columns of a table, or of an array N x D: one of each for every value of an example.
public struct Columns: Hashable, Sendable {
  /// The names, or the numbers from 1 where columns have none.
  public private(set) var names: [String]
  /// The least value of each in all of the data.
  public private(set) var lower: [Float]
  /// The largest value of each in all of the data.
  public private(set) var upper: [Float]
  /// The standard deviation of each in all of the data.
  public var deviations: [Double] {
    squares.map { rows > 0 ? ($0 / Double(rows)).squareRoot() : 0 }
  }
  /// Which must not change.
  public private(set) var isFixed: [Bool]
  /// Whether the least and the largest value of each are the bounds of what may come of it.
  public internal(set) var isBounding = false

  private var rows = 0
  private var means: [Double]
  /// The sums of squared differences from the means.
  private var squares: [Double]

  /// Measures columns.
  ///
  /// - Parameters:
  ///   - names: Their names.
  ///   - values: The values, row after row.
  ///   - isFixed: Which must not change.
  package init(names: [String], values: [Float], isFixed: [Bool]) {
    self.init(names: names, isFixed: isFixed)
    for start in stride(from: 0, to: values.count, by: max(names.count, 1)) {
      measure(values[start..<start + names.count])
    }
  }

  /// Begins with no rows.
  init(names: [String], isFixed: [Bool]) {
    self.names = names
    self.isFixed = isFixed
    means = [Double](repeating: 0, count: names.count)
    squares = means
    lower = [Float](repeating: .infinity, count: names.count)
    upper = [Float](repeating: -.infinity, count: names.count)
  }

  /// Takes a row into account.
  mutating func measure(_ row: some Sequence<Float>) {
    rows += 1
    for (column, value) in row.enumerated() {
      let difference = Double(value) - means[column]
      means[column] += difference / Double(rows)
      squares[column] += difference * (Double(value) - means[column])
      if value < lower[column] { lower[column] = value }
      if value > upper[column] { upper[column] = value }
    }
  }

  /// The columns in another order: for each the place that it is taken from.
  func reordered(_ places: [Int]) -> Columns {
    var copy = self
    copy.names = places.map { names[$0] }
    copy.lower = places.map { lower[$0] }
    copy.upper = places.map { upper[$0] }
    copy.means = places.map { means[$0] }
    copy.squares = places.map { squares[$0] }
    copy.isFixed = places.map { isFixed[$0] }
    return copy
  }

  /// The names of the columns that must not change.
  public var fixedNames: [String] { zip(names, isFixed).filter(\.1).map(\.0) }
}

extension Dataset {
  /// The same data of rows of values with their columns measured, if the options ask for it.
  ///
  /// - Throws: `DatasetError` if examples are no rows, or there is no such column.
  func measuringColumns(_ options: DataOptions) throws(DatasetError) -> Dataset {
    guard options.boundsColumns || options.fixedColumns != nil else { return self }
    guard exampleShape.rank == 1 else {
      throw DatasetError(
        .content, in: name,
        "examples are \(exampleShape), expected a table or an array N x D for \(Setting.dataRange) columns and"
          + " \(Setting.fixedColumns)")
    }
    let width = exampleShape.count
    var isFixed = [Bool](repeating: false, count: width)
    for part in options.fixedColumns?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    {
      guard let number = Int(part.filter { $0 != " " }), 1...width ~= number else {
        throw DatasetError(
          .content, in: name,
          "has no names of columns, expected their numbers from 1 to \(width) in \(Setting.fixedColumns), not '\(part)'"
        )
      }
      isFixed[number - 1] = true
    }
    guard isFixed.contains(false) else {
      throw DatasetError(
        .content, in: name,
        "\(Setting.fixedColumns) names all \(width) columns, so that nothing may change; expected fewer"
      )
    }
    var columns = Columns(names: (1...width).map(String.init), isFixed: isFixed)
    let piece = max(1, min(count, (1 << 18) / width))
    for first in stride(from: 0, to: count, by: piece) {
      let rows = try inputs(at: first..<min(first + piece, count)).scalars
      for start in stride(from: 0, to: rows.count, by: width) {
        columns.measure(rows[start..<start + width])
      }
    }
    columns.isBounding = options.boundsColumns
    var copy = self
    copy.columns = columns
    return copy
  }
}
