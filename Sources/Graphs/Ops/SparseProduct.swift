public import Tensors

/// The product of a constant sparse matrix and a value along one axis other than the batch.
///
/// Position i of the result along the axis is the sum over j of weight (i, j) times position j of the operand.
/// Interpolation, scattering and pooling by means are such products, one axis after the other.
public struct SparseProduct: Operator {
  /// The axis.
  public let axis: Int
  /// The matrix: as many columns as the operand has positions.
  public let matrix: SparseMatrix

  /// The operator's name in messages.
  public var name: String { "sparse product" }

  /// Creates a product along an axis.
  public init(_ matrix: SparseMatrix, axis: Int) {
    self.axis = axis
    self.matrix = matrix
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis,
      operands[0][axis] == matrix.columnCount
    else {
      throw .operands(
        operator: name, expected: "one operand with \(matrix.columnCount) along axis \(axis)",
        found: operands)
    }
    return operands[0].replacing(axis: axis, with: matrix.rowCount)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    var result = Tensor<Scalar>.zeros(shape)
    for block in 0..<outer {
      for row in 0..<matrix.rowCount {
        let target = (block * matrix.rowCount + row) * inner
        for entry in matrix.starts[row]..<matrix.starts[row + 1] {
          let source = (block * matrix.columnCount + matrix.columns[entry]) * inner
          let weight = Scalar(matrix.weights[entry])
          for i in 0..<inner { result[target + i] += weight * x[source + i] }
        }
      }
    }
    return result
  }

  /// The cotangent times the transposed matrix.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [try graph.apply(SparseProduct(matrix.transposed, axis: axis), application.cotangent)]
  }
}

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
