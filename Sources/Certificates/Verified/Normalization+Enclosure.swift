import Graphs
import Tensors

extension BatchNormalization: EnclosureOperator {
  func enclosure(of operands: [Enclosure], shape: Shape) -> Enclosure? {
    guard let scale = operands[1].exact, let shift = operands[2].exact,
      let mean = operands[3].exact, let variance = operands[4].exact
    else { return nil }
    let (center, radius) = operands[0].centered
    let factor = scale.zip(variance) { $0 / ($1 + Double(epsilon)).squareRoot() }
    let size = shape.extents[2...].reduce(1, *)
    var (centers, radii) = (center, radius)
    for index in 0..<center.count {
      let channel = index / size % shape[1]
      let distance = center[index] - mean[channel]
      let product = distance * factor[channel]
      let result = product + shift[channel]
      centers[index] = result
      // The factor is off by some units in the last place.
      radii[index] = Rounding.radius(
        abs(factor[channel]) * radius[index] + 8 * Rounding.underflow, center: result,
        magnitude: abs(result) + 16 * abs(product))
    }
    return Enclosure(.centered(center: centers, radius: radii))
  }
}
