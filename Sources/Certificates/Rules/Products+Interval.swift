import Graphs

/// A product that is linear in each of two operands: of the centers with one exact operand, and of the radii with its
/// magnitudes.
protocol BilinearOperator: IntervalOperator {}

extension BilinearOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    let uncertain = bounds.uncertain(operands)
    guard isAffine(inUncertain: uncertain) else { return nil }
    let side = uncertain[0] ? 0 : 1
    let interval = try bounds.centered(operands[side], in: &graph)
    var (centers, radii) = (operands, operands)
    centers[side] = interval.center
    radii[side] = interval.radius
    radii[1 - side] = try bounds.magnitude(of: operands[1 - side], in: &graph)
    return IntervalForm(
      center: try graph.apply(self, to: centers), radius: try graph.apply(self, to: radii))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool {
    uncertain.count == 2 && uncertain[0] != uncertain[1]
  }
}

extension MatrixMultiply: BilinearOperator {}
extension Convolution: BilinearOperator {}
extension ConvolutionInputGradient: BilinearOperator {}

extension SparseProduct: IntervalOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    let interval = try bounds.centered(operands[0], in: &graph)
    let magnitudes = SparseProduct(matrix.magnitudes, axis: axis)
    return IntervalForm(
      center: try graph.apply(self, interval.center),
      radius: try graph.apply(magnitudes, interval.radius))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool { true }
}

extension SparseMatrix {
  /// The matrix of the magnitudes of the sums of each place's entries.
  fileprivate var magnitudes: SparseMatrix {
    SparseMatrix(
      rows: (0..<rowCount).map { row in
        var sums: [Int: Float] = [:]
        for entry in starts[row]..<starts[row + 1] {
          sums[columns[entry], default: 0] += weights[entry]
        }
        return sums.sorted { $0.key < $1.key }.map { Entry($0.key, abs($0.value)) }
      }, columnCount: columnCount)
  }
}
