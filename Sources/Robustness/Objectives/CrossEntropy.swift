import Tensors

/// The cross-entropy log(1 + sum over j != y of exp(z_j - z_y)), or minus that of a target; where a class is to be missed
/// with confidence, minus that of the likeliest other one.
///
/// The derivative with respect to z_y is computed as minus the sum of the others, P = 1 - p_y,
/// which does not cancel: it has full relative precision however confident the model is.
struct CrossEntropy: Objective {
  enum Role {
    case avoid(Int), reach(Int)
    /// The likeliest class but one is raised over all others.
    case raiseRival(of: Int)
    /// One output z stands for the two logits 0 and z; the class to reach.
    case sign(Int)
  }

  private let role: Role

  init(_ role: Role) { self.role = role }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    for output in outputs where output.isNaN {
      cotangent?.update(repeating: 0)
      return .nan
    }
    switch role {
    case .avoid(let label): return entropy(of: label, 1, outputs, cotangent)
    case .reach(let target): return -entropy(of: target, -1, outputs, cotangent)
    case .raiseRival(let label):
      let rival = Goal.rival(of: label, in: outputs) ?? label
      return -entropy(of: rival, -1, outputs, cotangent)
    case .sign(let target):
      // Avoiding one class of two: the other one is `gap` ahead of it.
      let sign: Double = target == 1 ? 1 : -1
      let gap = sign * Double(outputs[0])
      if let cotangent { cotangent[0] = Float(sign * CrossEntropy.share(gap)) }
      return CrossEntropy.softplus(gap)
    }
  }

  /// The cross-entropy of a class; its derivative times `sign`.
  private func entropy(
    of label: Int, _ sign: Float, _ outputs: UnsafeBufferPointer<Float>,
    _ cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    let top = Goal.largest(of: outputs, except: label)
    var sum = 0.0
    for index in 0..<outputs.count where index != label {
      // Equal infinities are as likely as one another.
      let weight = outputs[index] == top ? 1 : Double.exp(Double(outputs[index]) - Double(top))
      sum += weight
      cotangent?[index] = Float(weight)
    }
    let gap = (top == outputs[label] ? 0 : Double(top) - Double(outputs[label])) + Double.log(sum)
    if let cotangent {
      let share = CrossEntropy.share(gap)
      let scale = sign * Float(share / sum)
      for index in 0..<outputs.count where index != label { cotangent[index] *= scale }
      cotangent[label] = -sign * Float(share)
    }
    return CrossEntropy.softplus(gap)
  }

  /// log(1 + exp(gap)) without overflow.
  private static func softplus(_ gap: Double) -> Double {
    gap > 0 ? gap + .log1p(.exp(-gap)) : .log1p(.exp(gap))
  }

  /// The probability of all others, exp(gap) / (1 + exp(gap)), or 2^-64 times a number in 1..<2
  /// when it is less.
  private static func share(_ gap: Double) -> Double {
    let share = gap > 0 ? 1 / (1 + Double.exp(-gap)) : Double.exp(gap) / (1 + Double.exp(gap))
    if share >= 0x1p-64 { return share }
    return share < .leastNormalMagnitude ? 0x1p-64 : share * Scaling.factor(for: share)
  }
}
