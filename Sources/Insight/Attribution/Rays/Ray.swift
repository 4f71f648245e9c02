import Tensors

/// The way from a baseline to an input: b + t (x - b) with t from 0 to 1.
struct Ray: Sendable {
  let start: Tensor<Float>
  let end: Tensor<Float>
  /// x - b.
  let direction: Tensor<Float>

  init(from start: Tensor<Float>, to end: Tensor<Float>) {
    (self.start, self.end) = (start, end)
    direction = end - start
  }

  /// The point at t, exactly the ends at 0 and 1.
  func point(_ t: Double) -> Tensor<Float> {
    if t == 0 { return start }
    return t == 1 ? end : start.advanced(by: Float(t), along: direction)
  }

  /// A mean gradient along the way, times x - b.
  func products(_ mean: [Double]) -> (map: Tensor<Float>, sum: Double) {
    var sum = 0.0
    let map = mean.indices.map { place -> Float in
      let product = mean[place] * Double(direction[place])
      sum += product
      return Float(product)
    }
    return (Tensor(map, shape: direction.shape), sum)
  }
}

/// The integral of the gradient along a ray.
struct RayIntegral: Sendable {
  /// The mean gradient over t.
  var mean: [Double]
  /// Gradients that were taken.
  var gradients: Int
  /// Forward passes beside those.
  var forwards: Int
  /// How it was computed.
  var remark: String
}
