import Graphs
import Tensors

/// An operator with a rule for enclosures of its operands' exact real values.
protocol EnclosureOperator: Operator {
  /// What surely holds the result; `nil` if it is not known with just these operands uncertain.
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure?
}

/// An operator that only moves values, or picks some: it is exact on the ends as well as on center and radius.
protocol SelectingOperator: EnclosureOperator {}

extension SelectingOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    func moved(_ x: Tensor<Double>) -> Tensor<Double> { value(of: [x], shape: shape) }
    return switch operands[0].form {
    case .exact(let x): Enclosure(.exact(moved(x)))
    case .centered(let center, let radius):
      Enclosure(.centered(center: moved(center), radius: moved(radius)))
    case .ends(let lower, let upper):
      Enclosure(.ends(lower: moved(lower), upper: moved(upper)))
    }
  }
}

extension Reshape: SelectingOperator {}
extension Transpose: SelectingOperator {}
extension Slice: SelectingOperator {}
extension Gather: SelectingOperator {}
extension Expand: SelectingOperator {}

/// An operator that picks one of its values by comparing them, and never falls where they rise.
protocol ComparingOperator: EnclosureOperator {}

extension ComparingOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    if let x = operands[0].exact { return Enclosure(.exact(value(of: [x], shape: shape))) }
    let (lower, upper) = operands[0].ends
    return Enclosure(
      .ends(lower: value(of: [lower], shape: shape), upper: value(of: [upper], shape: shape)))
  }
}

extension MaxPool: ComparingOperator {}
extension Extremum: ComparingOperator {}

extension Pad: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    func padded(_ x: Tensor<Double>) -> Tensor<Double> { value(of: [x], shape: shape) }
    switch operands[0].form {
    case .exact(let x): return Enclosure(.exact(padded(x)))
    case .ends(let lower, let upper):
      return Enclosure(.ends(lower: padded(lower), upper: padded(upper)))
    case .centered(let center, let radius):
      let zeros = Pad(axis: axis, before: before, after: after)
      return Enclosure(
        .centered(center: padded(center), radius: zeros.value(of: [radius], shape: shape)))
    }
  }
}

extension Concatenate: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    let exact = operands.compactMap(\.exact)
    if exact.count == operands.count { return Enclosure(.exact(value(of: exact, shape: shape))) }
    let ends = operands.map(\.ends)
    return Enclosure(
      .ends(
        lower: value(of: ends.map(\.lower), shape: shape),
        upper: value(of: ends.map(\.upper), shape: shape)))
  }
}
