import Graphs
import Tensors

/// A linear operator of one operand that adds weighted values, no weight being negative.
protocol SummingEnclosureOperator: EnclosureOperator {
  /// The most values that are added to one, given the shapes of operand and result.
  func termCount(of operand: Shape, to result: Shape) -> Int
}

extension SummingEnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    sum(operands[0], count: termCount(of: operands[0].shape, to: shape)) {
      value(of: [$0], shape: shape)
    } magnitudes: {
      value(of: [$0], shape: shape)
    }
  }
}

/// The enclosure of a linear function of an operand.
///
/// What rounding does to the center, gamma_n |W| |c|, is carried along with the radius: |W| (r + gamma_n |c|).
///
/// - Parameters:
///   - x: The operand.
///   - count: The most products that are added to one value.
///   - apply: The function.
///   - magnitudes: The function with the magnitudes of its weights.
/// - Returns: What surely holds the function's exact values.
func sum(
  _ x: Enclosure, count: Int, _ apply: (Tensor<Double>) -> Tensor<Double>,
  magnitudes: (Tensor<Double>) -> Tensor<Double>
) -> Enclosure {
  let (center, radius) = x.centered
  // Weights that are themselves rounded, such as 1 / n, take two more.
  let gamma = Rounding.gamma(count + 2)
  let spread = radius.zip(center) { $0 + gamma * abs($1) }
  let (sums, spreads) = (apply(center), magnitudes(spread))
  let outward = Rounding.outward(count + 4)
  let floor = Double(count + 4) * Rounding.underflow
  return Enclosure(
    .centered(
      center: sums,
      radius: sums.zip(spreads) { $1 * outward + floor + ($0 - $0) }))
}

extension Reduce: SummingEnclosureOperator {
  func termCount(of operand: Shape, to result: Shape) -> Int {
    operand.count / max(result.count, 1)
  }
}

extension AveragePool: SummingEnclosureOperator {
  func termCount(of operand: Shape, to result: Shape) -> Int {
    window.kernel.height * window.kernel.width
  }
}

extension AveragePoolGradient: SummingEnclosureOperator {
  func termCount(of operand: Shape, to result: Shape) -> Int {
    pooling.window.kernel.height * pooling.window.kernel.width
  }
}

extension Broadcast: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    func repeated(_ x: Tensor<Double>) -> Tensor<Double> { value(of: [x], shape: shape) }
    if isMean { return sum(operands[0], count: 1, repeated, magnitudes: repeated) }
    return switch operands[0].form {
    case .exact(let x): Enclosure(.exact(repeated(x)))
    case .centered(let center, let radius):
      Enclosure(.centered(center: repeated(center), radius: repeated(radius)))
    case .ends(let lower, let upper):
      Enclosure(.ends(lower: repeated(lower), upper: repeated(upper)))
    }
  }
}

extension SparseProduct: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    let rows = (0..<matrix.rowCount).map { row in
      (matrix.starts[row]..<matrix.starts[row + 1]).map {
        SparseMatrix.Entry(matrix.columns[$0], abs(matrix.weights[$0]))
      }
    }
    let magnitudes = SparseProduct(
      SparseMatrix(rows: rows, columnCount: matrix.columnCount), axis: axis)
    return sum(operands[0], count: rows.reduce(1) { max($0, $1.count) }) {
      value(of: [$0], shape: shape)
    } magnitudes: {
      magnitudes.value(of: [$0], shape: shape)
    }
  }
}
