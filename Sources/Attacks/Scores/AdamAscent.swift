import Platform
import Tensors

/// The steps of Adam, upwards.
///
/// Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980.
struct AdamAscent {
  let rate: Double
  private var mean: [Float]
  private var variance: [Float]
  private var steps = 0

  init(shape: Shape, rate: Double) {
    self.rate = rate
    mean = Array(repeating: 0, count: shape.count)
    variance = mean
  }

  /// The point after one more step.
  mutating func moved(_ z: Tensor<Float>, along gradient: Tensor<Float>) -> Tensor<Float> {
    steps += 1
    let correction = 1 / Float(1 - pow(0.9, Double(steps)))
    let spread = 1 / Float(1 - pow(0.999, Double(steps)))
    let rate = Float(rate)
    return mean.withUnsafeMutableBufferPointer { mean in
      variance.withUnsafeMutableBufferPointer { variance in
        gradient.withUnsafeScalars { gradient in
          z.withUnsafeScalars { start in
            Tensor<Float>(shape: z.shape) { target in
              for index in target.indices {
                let slope = gradient[index]
                mean[index] = 0.9 * mean[index] + 0.1 * slope
                variance[index] = 0.999 * variance[index] + 0.001 * slope * slope
                let size = (variance[index] * spread).squareRoot()
                let unit = size > 0 ? mean[index] * correction / size : 0
                target[index] = start[index] + rate * unit
              }
            }
          }
        }
      }
    }
  }
}
