import Tensors

/// The margin of the goal: max over j != y of z_j - z_y for `.avoid(y)`; one inequality decides at
/// a time.
///
/// With a confidence, it is the logit of the probability of the class to be seen, less that of the confidence.
///
/// Carlini and Wagner, "Towards evaluating the robustness of neural networks", 2017,
/// https://arxiv.org/abs/1608.04644 (their f_6, without its floor).
struct MarginObjective: Objective {
  private let goal: Goal

  init(_ goal: Goal) { self.goal = goal }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    let margin = goal.margin(of: outputs)
    guard let cotangent else { return margin }
    cotangent.update(repeating: 0)
    if margin.isNaN { return margin }
    if let confidence = goal.confidence, let label = goal.raisedClass(at: outputs) {
      confidence.addDerivative(of: label, in: outputs, to: cotangent)
      return margin
    }
    switch goal.form {
    case .avoid(let label):
      cotangent[label] = -1
      Goal.rival(of: label, in: outputs).map { cotangent[$0] = 1 }
    case .reach(let target):
      cotangent[target] = 1
      Goal.rival(of: target, in: outputs).map { cotangent[$0] = -1 }
    case .sign(let target):
      cotangent[0] = target == 1 ? 1 : -1
    case .clauses(let alternatives, _):
      Goal.active(of: alternatives, at: outputs)?.inequality.addDerivative(to: cotangent)
    }
    return margin
  }
}

/// The left side of a linear inequality on the outputs.
struct InequalityObjective: Objective {
  private let inequality: Inequality

  init(_ inequality: Inequality) { self.inequality = inequality }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    let value = inequality.value(of: outputs)
    guard let cotangent else { return value }
    cotangent.update(repeating: 0)
    if !value.isNaN { inequality.addDerivative(to: cotangent) }
    return value
  }
}

extension Inequality {
  /// Adds the coefficients to a cotangent, all by one factor that brings the largest into the range of `Scaling`.
  fileprivate func addDerivative(to cotangent: UnsafeMutableBufferPointer<Float>) {
    let scale = Scaling.factor(for: largestCoefficient)
    for term in terms { cotangent[term.output] += Float(term.coefficient * scale) }
  }
}
