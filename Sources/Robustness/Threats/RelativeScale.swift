import Tensors

/// How changes that count in units of each coordinate's range become inputs.
struct RelativeScale: Sendable {
  /// The example.
  let center: Tensor<Float>
  /// The ranges.
  let bounds: Bounds

  /// The range of a coordinate.
  func width(at index: Int) -> Double {
    Double(bounds.upper(at: index)) - Double(bounds.lower(at: index))
  }

  /// The size of the change of a coordinate to a value, in units of its range.
  func change(to value: Float, at index: Int) -> Double {
    // A division by a range of zero is never asked for: such coordinates stay.
    value == center[index]
      ? 0 : (Double(value) - Double(center[index])) / width(at: index)
  }

  /// The input x + w z, rounded toward x and cut by the bounds.
  ///
  /// A NaN leaves a coordinate where it is.
  func input(_ z: Tensor<Float>) -> Tensor<Float> {
    precondition(z.shape == center.shape, "changes of shape \(z.shape)")
    var result = center
    for index in 0..<z.count where z[index] != 0 && !z[index].isNaN {
      let width = width(at: index)
      if width == 0 { continue }
      let (least, most) = (bounds.lower(at: index), bounds.upper(at: index))
      let start = center[index]
      let aim = Double(start) + Double(z[index]) * width
      var value = Float(min(max(aim, Double(least)), Double(most)))
      value = min(max(value, least), most)
      let size = Double(z[index]).magnitude
      while value != start, change(to: value, at: index).magnitude > size {
        value = value > start ? value.nextDown : value.nextUp
      }
      // A rounding past the example on its other side is no change.
      result[index] = (value > start) == (z[index] > 0) ? value : start
    }
    return result
  }

  /// The next number in `Float` that is not smaller in magnitude.
  static func outward(_ value: Double) -> Float {
    let most = Double(Float.greatestFiniteMagnitude)
    let rounded = Float(min(max(value, -most), most))
    if Double(rounded).magnitude >= value.magnitude { return rounded }
    return value > 0 ? rounded.nextUp : rounded.nextDown
  }
}
