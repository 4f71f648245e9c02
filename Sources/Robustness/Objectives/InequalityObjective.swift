import Tensors

/// The left side of a linear inequality on the outputs.
struct InequalityObjective: Objective {
  private let inequality: Inequality
  private let scale: Double

  init(_ inequality: Inequality) {
    self.inequality = inequality
    scale = Scaling.factor(
      for: inequality.terms.reduce(0) { max($0, $1.coefficient.magnitude) })
  }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    let value = inequality.value(of: outputs)
    guard let cotangent else { return value }
    cotangent.update(repeating: 0)
    if value.isNaN { return value }
    for term in inequality.terms {
      cotangent[term.output] += Float(term.coefficient * scale)
    }
    return value
  }
}
