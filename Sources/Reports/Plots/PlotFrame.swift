/// The rectangle in which data is drawn, and how numbers become places in it.
struct PlotFrame {
  let x: Axis
  let y: Axis
  let xRange: ClosedRange<Double>
  let yRange: ClosedRange<Double>
  var left = 0.0
  var right = 0.0
  var top = 0.0
  var bottom = 0.0

  func place(x value: Double) -> Double {
    left + PlotFrame.part(value, xRange, x.scale) * (right - left)
  }

  func place(y value: Double) -> Double {
    bottom - PlotFrame.part(value, yRange, y.scale) * (bottom - top)
  }

  /// The place of a point, or nil where an axis cannot show it.
  func place(_ point: LinePlot.Point) -> (x: Double, y: Double)? {
    guard x.accepts(point.x), y.accepts(point.y) else { return nil }
    return (place(x: point.x), place(y: point.y))
  }

  private static func part(
    _ value: Double, _ range: ClosedRange<Double>, _ scale: Axis.Scale
  ) -> Double {
    switch scale {
    case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      (log2(value) - log2(range.lowerBound)) / (log2(range.upperBound) - log2(range.lowerBound))
    }
  }

  /// The binary logarithm of a positive number, exact enough to place ink.
  private static func log2(_ value: Double) -> Double {
    // The series of atanh converges quickly for a significand in 1..<2.
    let ratio = (value.significand - 1) / (value.significand + 1)
    var power = ratio
    var sum = 0.0
    for odd in stride(from: 1.0, through: 25, by: 2) {
      sum += power / odd
      power *= ratio * ratio
    }
    return Double(value.exponent) + 2 * sum * 1.442_695_040_888_963_4
  }
}
