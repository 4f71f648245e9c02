/// A matrix of few entries, row by row: how positions along one axis depend on positions along another.
public struct SparseMatrix: Hashable, Sendable {
  /// Where each row's entries begin, and where the last row's end.
  public let starts: [Int]
  /// The columns of the entries.
  public let columns: [Int]
  /// The values of the entries.
  public let weights: [Float]
  /// The number of columns.
  public let columnCount: Int

  /// The number of rows.
  public var rowCount: Int { starts.count - 1 }

  /// An entry of a row.
  public struct Entry: Hashable, Sendable {
    /// The column.
    public var column: Int
    /// The value.
    public var weight: Float

    /// Creates an entry.
    public init(_ column: Int, _ weight: Float) {
      self.column = column
      self.weight = weight
    }
  }

  /// Creates a matrix from the entries of each row, whose columns must exist; several entries of one column add up.
  public init(rows: [[Entry]], columnCount: Int) {
    var starts = [0]
    for row in rows { starts.append(starts[starts.count - 1] + row.count) }
    let entries = rows.joined()
    precondition(
      columnCount >= 0 && entries.allSatisfy { 0..<columnCount ~= $0.column },
      "an entry is outside the matrix")
    self.starts = starts
    columns = entries.map(\.column)
    weights = entries.map(\.weight)
    self.columnCount = columnCount
  }

  /// Creates the matrix whose rows pick one column each.
  public init(selecting columns: [Int], of columnCount: Int) {
    self.init(rows: columns.map { [Entry($0, 1)] }, columnCount: columnCount)
  }

  /// The matrix with rows and columns exchanged; entries stay in the order of the rows they came from.
  public var transposed: SparseMatrix {
    var rows = [[Entry]](repeating: [], count: columnCount)
    for row in 0..<rowCount {
      for entry in starts[row]..<starts[row + 1] {
        rows[columns[entry]].append(Entry(row, weights[entry]))
      }
    }
    return SparseMatrix(rows: rows, columnCount: rowCount)
  }
}
