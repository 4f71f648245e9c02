import Robustness
import Tensors

/// The nearest point at which an attack has seen the goal reached.
struct NearestPoint {
  /// The point; the example if there is none yet.
  private(set) var point: Tensor<Float>
  /// Its distance; infinite if there is none yet.
  private(set) var distance = Double.infinity

  let domain: any FeasibleSet

  init(_ domain: any FeasibleSet) {
    self.domain = domain
    point = domain.center
  }

  /// Whether the goal was reached anywhere.
  var isFound: Bool { distance.isFinite }

  /// Notes a point at which the goal is reached, and returns its distance.
  @discardableResult
  mutating func note(_ point: Tensor<Float>) -> Double {
    let distance = domain.distance(of: point)
    if distance < self.distance { (self.point, self.distance) = (point, distance) }
    return distance
  }
}
