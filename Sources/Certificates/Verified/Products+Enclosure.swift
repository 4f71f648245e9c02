import Graphs
import Tensors

// A product of what is uncertain with exact weights. The usual ones are computed from weights that are packed once; see
// `PackedLayer`.

extension EnclosureOperator {
  /// The enclosure of a product of two operands, one of which is exact, by the operator's definition.
  func product(_ operands: [Enclosure], count: Int, shape: Shape) -> Enclosure? {
    let side: Int
    let weight: Tensor<Double>
    if let exact = operands[1].exact {
      (side, weight) = (0, exact)
    } else if let exact = operands[0].exact {
      (side, weight) = (1, exact)
    } else {
      return nil
    }
    func product(_ x: Tensor<Double>, _ weight: Tensor<Double>) -> Tensor<Double> {
      value(of: side == 0 ? [x, weight] : [weight, x], shape: shape)
    }
    let magnitudes = weight.map { abs($0) }
    return sum(operands[side], count: count) {
      product($0, weight)
    } magnitudes: {
      product($0, magnitudes)
    }
  }
}

extension MatrixMultiply: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    let left = operands[0].shape
    let pairs = addsPairs ? left.extents.dropLast(2).reduce(1, *) : 1
    return product(
      operands, count: pairs * left[left.rank - (transposesLeft ? 2 : 1)], shape: shape)
  }
}

extension Convolution: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    product(operands, count: operands[1].shape.droppingFirst.count, shape: shape)
  }
}

extension ConvolutionInputGradient: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    let weight = operands[1].shape
    return product(operands, count: weight.count / max(weight[1], 1), shape: shape)
  }
}
