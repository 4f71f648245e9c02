import Robustness
import Tensors

/// Free numbers in the place of the coordinates of a box: x = lower + (upper - lower) (1 + tanh w) / 2.
///
/// Where there are no bounds w is x itself; where nothing may change x stays.
struct ChangeOfVariables {
  private let center: Tensor<Float>
  private let hull: Box

  init(_ domain: any FeasibleSet) {
    center = domain.center
    hull = domain.hull
  }

  /// The numbers that stand for the example, which is drawn inside by a hair where it touches the bounds.
  var start: Tensor<Float> {
    center.zip(hull.lower, hull.upper) { center, lower, upper in
      let width = upper - lower
      guard width < 1e30 else { return center }
      let share = 0.999999 * (2 * Double(center - lower) / Double(width) - 1)
      return width > 0 ? Float(0.5 * Double.log((1 + share) / (1 - share))) : 0
    }
  }

  /// The point for some numbers.
  func point(_ free: Tensor<Float>) -> Tensor<Float> {
    free.zip(hull.lower, hull.upper) { free, lower, upper in
      let width = upper - lower
      let inside = lower + width * (0.5 + 0.5 * ChangeOfVariables.tanh(free))
      return min(max(width < 1e30 ? inside : free, lower), upper)
    }
  }

  /// The gradient with respect to the numbers, from that with respect to the point.
  func pullback(_ gradient: Tensor<Float>, at free: Tensor<Float>) -> Tensor<Float> {
    gradient.zip(free, hull.lower, hull.upper) { gradient, free, lower, upper in
      let width = upper - lower
      let tanh = ChangeOfVariables.tanh(free)
      return (width < 1e30 ? 0.5 * width * (1 - tanh * tanh) : 1) * gradient
    }
  }

  /// The hyperbolic tangent up to a few units in the last place, as a quotient of polynomials that needs no branch.
  @inline(__always)
  private static func tanh(_ value: Float) -> Float {
    let x = min(max(value, -7.9), 7.9)
    let square = x * x
    var top: Float = -2.76076847742355e-16
    top = top * square + 2.00018790482477e-13
    top = top * square - 8.60467152213735e-11
    top = top * square + 5.12229709037114e-08
    top = top * square + 1.48572235717979e-05
    top = top * square + 6.37261928875436e-04
    top = top * square + 4.89352455891786e-03
    var bottom: Float = 1.19825839466702e-06
    bottom = bottom * square + 1.18534705686654e-04
    bottom = bottom * square + 2.26843463243900e-03
    bottom = bottom * square + 4.89352518554385e-03
    return x * top / bottom
  }
}
