import Files
public import Tensors

/// A Gaussian blur of a picture, of a standard deviation of at most so many pixels.
///
/// z is the standard deviation; 0 leaves the picture as it is. The picture is continued by its mirror image, and the
/// kernel reaches six standard deviations, where it is below the resolution of single precision.
public struct Blur: ParametricThreat, Hashable {
  /// The largest standard deviation, in pixels.
  public let sigma: Double
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a blur.
  ///
  /// - Throws: `ThreatError.size` unless the standard deviation is in 0...10000.
  public init(sigma: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    guard sigma >= 0, sigma <= 10_000 else { throw .size("blur", sigma, expected: 0...10_000) }
    self.sigma = sigma
    self.bounds = bounds
  }

  /// The standard deviations.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    let most = min(sigma, Double(max(x.shape[1], x.shape[2])))
    let region = BoxRegion(parameters: [1], in: 0...most)
    return BoxRegion(center: region.center, radius: sigma, hull: region.hull)
  }

  /// Blurs up to the picture's own size, after which nothing changes.
  public var withoutLimit: (any ThreatModel)? { try? Blur(sigma: 10_000, bounds: bounds) }

  /// Makes sure that the example is a picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The text form, such as `blur:2`.
  public var description: String { "blur:\(sigma.plain)" }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let kernel = Kernel(z[0], size: max(x.shape[1], x.shape[2]))
    return filtered(filtered(x, kernel.weights, axis: 1), kernel.weights, axis: 2)
  }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let kernel = Kernel(z[0], size: max(x.shape[1], x.shape[2]))
    let rows = filtered(x, kernel.weights, axis: 1)
    let back = filtered(gradient, kernel.weights, axis: 2, isTransposed: true)
    let one = filtered(rows, kernel.derivatives, axis: 2)
    let other = filtered(x, kernel.derivatives, axis: 1)
    var sum: Scalar = 0
    for index in 0..<x.count { sum += gradient[index] * one[index] + back[index] * other[index] }
    return (
      Tensor([sum], shape: z.shape),
      needsInput ? filtered(back, kernel.weights, axis: 1, isTransposed: true) : nil
    )
  }

  /// The weights of a Gaussian by the distance in pixels, and their derivatives with respect to its standard deviation.
  private struct Kernel<Scalar: TensorScalar> {
    var weights: [Scalar] = [1]
    var derivatives: [Scalar] = [0]

    init(_ z: Scalar, size: Int) {
      // Narrower than a sixth of a pixel, the neighbours' weights are below the resolution; NaN is no blur.
      guard z.magnitude > 1 / Scalar(8) else { return }
      let sigma = min(z.magnitude, Scalar(size))
      let reach = Int((6 * sigma).rounded(.up))
      for pixel in 1...reach {
        let square = Scalar(pixel * pixel) / (sigma * sigma)
        let weight = Scalar.exp(-square / 2)
        weights.append(weight)
        derivatives.append(weight * square / sigma)
      }
      let total = weights.dropFirst().reduce(1) { $0 + 2 * $1 }
      let slope = derivatives.reduce(0) { $0 + 2 * $1 }
      let sign: Scalar = z < 0 ? -1 : 1
      for pixel in weights.indices {
        weights[pixel] /= total
        derivatives[pixel] = sign * (derivatives[pixel] - weights[pixel] * slope) / total
      }
    }
  }

  /// A symmetric filter along one axis, with mirrored ends, or its transpose.
  private func filtered<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ weights: [Scalar], axis: Int, isTransposed: Bool = false
  ) -> Tensor<Scalar> {
    let (length, step) = (x.shape[axis], x.shape.strides[axis])
    // Where each tap of each place reads.
    let taps = 2 * weights.count - 1
    var places = [Int](repeating: 0, count: length * taps)
    for index in 0..<length {
      for tap in 0..<taps {
        let place = (index + tap - weights.count + 1) % (2 * length)
        let wrapped = place < 0 ? place + 2 * length : place
        places[index * taps + tap] = wrapped < length ? wrapped : 2 * length - 1 - wrapped
      }
    }
    let shape = x.shape
    return x.withUnsafeScalars { x in
      Tensor(shape: shape) { target in
        target.update(repeating: 0)
        for line in 0..<target.count / length {
          let start = line / step * step * length + line % step
          for index in 0..<length {
            let here = start + index * step
            for tap in 0..<taps {
              let there = start + places[index * taps + tap] * step
              let weight = weights[abs(tap - weights.count + 1)]
              if isTransposed {
                target[there] += weight * x[here]
              } else {
                target[here] += weight * x[there]
              }
            }
          }
        }
      }
    }
  }
}
