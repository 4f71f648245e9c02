/// A matrix of numbers in double precision, row after row.
public struct Matrix: Sendable, Hashable, Codable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The numbers, row after row.
  public var values: [Double]

  /// Creates a matrix of equal numbers.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.rows = rows
    self.columns = columns
    values = [Double](repeating: value, count: rows * columns)
  }

  /// Creates a matrix of its rows; traps unless these are equally long.
  public init(_ rows: [[Double]]) {
    self.rows = rows.count
    columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { [columns] in $0.count == columns }, "rows of unequal lengths")
    values = rows.flatMap { $0 }
  }

  /// The number in a row and a column, both from 0.
  public subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The numbers of a row.
  public func row(_ row: Int) -> [Double] { Array(values[row * columns..<(row + 1) * columns]) }

  /// The numbers of a column.
  public func column(_ column: Int) -> [Double] { (0..<rows).map { self[$0, column] } }

  /// The matrix with rows and columns exchanged.
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }

  /// The product with a column of numbers.
  public func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columns, "\(vector.count) numbers for \(columns) columns")
    return values.withUnsafeBufferPointer { values in
      vector.withUnsafeBufferPointer { vector in
        (0..<rows).map { row in
          var sum = 0.0
          let start = row * columns
          for column in 0..<columns { sum += values[start + column] * vector[column] }
          return sum
        }
      }
    }
  }

  /// The product of the transposed matrix with a column of numbers.
  public func transposedTimes(_ vector: [Double]) -> [Double] {
    precondition(vector.count == rows, "\(vector.count) numbers for \(rows) rows")
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      let (start, weight) = (row * columns, vector[row])
      for column in 0..<columns { sums[column] += weight * values[start + column] }
    }
    return sums
  }

  /// The matrix with every number changed.
  public func map(_ change: (Double) -> Double) -> Matrix {
    var copy = self
    copy.values = values.map(change)
    return copy
  }
}
