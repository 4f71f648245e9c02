import Tensors

/// The last moves and changes of the gradient, which stand for the inverse of the Hessian.
///
/// Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; Liu and Nocedal, 1989.
struct LimitedMemory {
  private var pairs: [(move: Tensor<Float>, change: Tensor<Float>, product: Double)] = []
  private static let most = 10

  /// Whether nothing is known.
  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a move and what it did to the gradient, if the curvature along it is positive.
  mutating func note(move: Tensor<Float>, change: Tensor<Float>) {
    let product = LimitedMemory.dot(move, change)
    guard product > 1e-10 * LimitedMemory.dot(change, change) else { return }
    pairs.append((move, change, product))
    if pairs.count > LimitedMemory.most { pairs.removeFirst() }
  }

  /// Minus the inverse of the Hessian times a gradient.
  func direction(against gradient: Tensor<Float>) -> Tensor<Float> {
    var result = gradient
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = LimitedMemory.dot(pair.move, result) / pair.product
      weights.append(weight)
      let factor = Float(weight)
      result = result.zip(pair.change) { $0 - factor * $1 }
    }
    let scale = pairs.last.map { Float($0.product / LimitedMemory.dot($0.change, $0.change)) } ?? 1
    result = result.map { scale * $0 }
    for (pair, weight) in zip(pairs, weights.reversed()) {
      let factor = Float(weight - LimitedMemory.dot(pair.change, result) / pair.product)
      result = result.zip(pair.move) { $0 + factor * $1 }
    }
    return result.map { -$0 }
  }

  /// The inner product, in double precision.
  static func dot(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Double {
    left.withUnsafeScalars { left in
      right.withUnsafeScalars { right in
        var sums = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= left.count {
          sums.0 += Double(left[index]) * Double(right[index])
          sums.1 += Double(left[index + 1]) * Double(right[index + 1])
          sums.2 += Double(left[index + 2]) * Double(right[index + 2])
          sums.3 += Double(left[index + 3]) * Double(right[index + 3])
          index += 4
        }
        while index < left.count {
          sums.0 += Double(left[index]) * Double(right[index])
          index += 1
        }
        return sums.0 + sums.1 + sums.2 + sums.3
      }
    }
  }
}
