import Tensors

/// The difference-of-logits ratio: the margin divided by the spread of the largest outputs.
///
/// Untargeted: (max over j != y of z_j - z_y) / (z_(1) - z_(3)), with z_(1) >= z_(2) >= ... the
/// sorted outputs. Targeted: (z_t - max over j != t of z_j) / (z_(1) - (z_(3) + z_(4)) / 2), which
/// is that of the paper whenever the label is the target's strongest rival. It does not change when
/// outputs are scaled or shifted, so a confident model cannot flatten its gradient.
///
/// Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse
/// parameter-free attacks", 2020, https://arxiv.org/abs/2003.01690.
struct DifferenceOfLogitsRatio: Objective {
  private let label: Int
  private let isTarget: Bool
  /// The class to compare with; `nil` for the largest output but the label's.
  private let rival: Int?

  init(class label: Int, isTarget: Bool, rival: Int? = nil) {
    self.label = label
    self.isTarget = isTarget
    self.rival = rival
  }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    cotangent?.update(repeating: 0)
    guard outputs.allSatisfy(\.isFinite) else { return .nan }
    let order = largestFour(outputs)
    let rival = rival ?? (order.first == label ? order.second : order.first)
    let sign: Double = isTarget ? -1 : 1
    let margin = sign * (Double(outputs[rival]) - Double(outputs[label]))
    let low =
      isTarget
      ? (Double(outputs[order.third]) + Double(outputs[order.fourth])) / 2
      : Double(outputs[order.third])
    // The constant of the authors' code: all outputs may be equal.
    let spread = Double(outputs[order.first]) - low + 1e-12
    let ratio = margin / spread
    guard let cotangent else { return ratio }
    let scale = Scaling.factor(for: max(1, ratio.magnitude) / spread)
    func add(_ output: Int, _ derivative: Double) {
      cotangent[output] += Float(derivative * scale / spread)
    }
    add(rival, sign)
    add(label, -sign)
    add(order.first, -ratio)
    add(order.third, isTarget ? ratio / 2 : ratio)
    if isTarget { add(order.fourth, ratio / 2) }
    return ratio
  }

  /// The positions of the largest outputs, in order, the first of equals first.
  private func largestFour(
    _ outputs: UnsafeBufferPointer<Float>
  ) -> (first: Int, second: Int, third: Int, fourth: Int) {
    var places = (first: -1, second: -1, third: -1, fourth: -1)
    func isAbove(_ index: Int, _ place: Int) -> Bool {
      place < 0 || outputs[index] > outputs[place]
    }
    for index in outputs.indices {
      if isAbove(index, places.first) {
        places = (index, places.first, places.second, places.third)
      } else if isAbove(index, places.second) {
        places = (places.first, index, places.second, places.third)
      } else if isAbove(index, places.third) {
        places = (places.first, places.second, index, places.third)
      } else if isAbove(index, places.fourth) {
        places.fourth = index
      }
    }
    return places
  }
}
