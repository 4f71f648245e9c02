import CKernels
import Platform
import Tensors

/// Adam on the numbers that an attack chooses (Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980).
struct AdamDescent {
  private var mean: Tensor<Float>
  private var variance: Tensor<Float>
  private var steps = 0
  private let rate: Double

  init(shape: Shape, rate: Double) {
    mean = .zeros(shape)
    variance = .zeros(shape)
    self.rate = rate
  }

  /// One step down a gradient.
  mutating func descend(_ values: inout Tensor<Float>, along gradient: Tensor<Float>) {
    steps += 1
    let corrections = (1 - pow(0.9, Double(steps)), 1 - pow(0.999, Double(steps)))
    values.withUnsafeMutableScalars { values in
      mean.withUnsafeMutableScalars { mean in
        variance.withUnsafeMutableScalars { variance in
          gradient.withUnsafeScalars {
            gibbon_adam(
              values.baseAddress, mean.baseAddress, variance.baseAddress, $0.baseAddress, $0.count,
              Float(rate), 0.9, 0.999, 1e-8, 0, Float(corrections.0), Float(corrections.1))
          }
        }
      }
    }
  }
}
