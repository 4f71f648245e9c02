import Platform
import Robustness
import Tensors

/// ZOO's descent for one constant: a point, and for each coordinate the moments of Adam and its number of steps.
struct CoordinateDescent {
  private(set) var z: Tensor<Float>
  private let center: Tensor<Float>
  private let constant: Double
  private let rate: Double
  private var mean: [Double]
  private var variance: [Double]
  private var steps: [Double]

  init(_ domain: any FeasibleSet, constant: Double, rate: Double) {
    center = domain.center
    z = center
    self.constant = constant
    self.rate = rate
    mean = Array(repeating: 0, count: center.count)
    variance = mean
    steps = mean
  }

  /// The points on both sides along a coordinate, as far as the box goes.
  func probes(_ coordinate: Int, _ spread: Float, _ hull: Box) -> [Tensor<Float>] {
    [spread, -spread].map { move in
      var point = z
      point[coordinate] = min(
        max(point[coordinate] + move, hull.lower[coordinate]), hull.upper[coordinate])
      return point
    }
  }

  /// One step of a coordinate, given the slope of the loss there.
  mutating func move(_ index: Int, along slope: Double, _ hull: Box) {
    let slope = 2 * (Double(z[index]) - Double(center[index])) + constant * slope
    steps[index] += 1
    mean[index] = 0.9 * mean[index] + 0.1 * slope
    variance[index] = 0.999 * variance[index] + 0.001 * slope * slope
    let size = (variance[index] / (1 - pow(0.999, steps[index]))).squareRoot()
    guard size > 0 else { return }
    let unit = mean[index] / (1 - pow(0.9, steps[index])) / (size + 1e-8)
    let moved = z[index] - Float(rate * unit)
    z[index] = min(max(moved, hull.lower[index]), hull.upper[index])
  }
}
