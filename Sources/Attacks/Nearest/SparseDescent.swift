import Robustness
import Tensors

/// The state of `SigmaZero`: a point, and Adam's two averages.
struct SparseDescent {
  /// The point x + delta.
  private(set) var point: Tensor<Float>

  private let domain: any FeasibleSet
  private let pixels: Pixels
  private let sigma: Float
  private let unit: Float
  private var mean: [Float]
  private var variance: [Float]
  private var gradient: [Float]
  private var squares: [Float]
  private var decays: (mean: Float, variance: Float) = (1, 1)

  init(_ domain: any FeasibleSet, _ pixels: Pixels, sigma: Float) {
    point = domain.center
    self.domain = domain
    self.pixels = pixels
    self.sigma = sigma
    unit = Float(pixels.unit)
    mean = [Float](repeating: 0, count: pixels.count * pixels.channels)
    (variance, gradient) = (mean, mean)
    squares = [Float](repeating: 0, count: pixels.count)
  }

  /// One step down the loss; without a gradient of the margin, of the stand-in alone.
  mutating func step(margin: Tensor<Float>?, rate: Float, threshold: Float) {
    measure(margin)
    var largest: Float = 0
    for value in gradient where abs(value) > largest { largest = abs(value) }
    if largest.isInfinite {
      // An infinite slope outweighs every finite one.
      gradient = gradient.map { $0.isInfinite ? ($0 > 0 ? 1 : -1) : 0 }
      largest = 1
    }
    let scale = 1 / max(largest, 1e-12)
    decays = (decays.mean * 0.9, decays.variance * 0.999)
    let length = rate * unit / (1 - decays.mean)
    let correction = 1 / (1 - decays.variance).squareRoot()
    let (domain, count) = (domain, gradient.count)
    point.withUnsafeMutableScalars { point in
      domain.hull.lower.withUnsafeScalars { lower in
        domain.hull.upper.withUnsafeScalars { upper in
          mean.withUnsafeMutableBufferPointer { mean in
            variance.withUnsafeMutableBufferPointer { variance in
              gradient.withUnsafeBufferPointer { gradient in
                for index in 0..<count {
                  let slope = gradient[index] * scale
                  mean[index] += 0.1 * (slope - mean[index])
                  variance[index] += 0.001 * (slope * slope - variance[index])
                  let size = variance[index].squareRoot() * correction + 1e-8
                  let value = point[index] - length * mean[index] / size
                  let raised = value > lower[index] ? value : lower[index]
                  point[index] = raised < upper[index] ? raised : upper[index]
                }
              }
            }
          }
        }
      }
    }
    restore(below: threshold * unit)
  }

  /// Computes the gradient of the loss with respect to delta, in units of the widest range.
  private mutating func measure(_ margin: Tensor<Float>?) {
    let (count, channels) = (pixels.count, pixels.channels)
    let inverse = 1 / unit
    let sigma = sigma
    let factor = 2 * sigma / Float(count)
    let domain = domain
    point.withUnsafeScalars { point in
      domain.center.withUnsafeScalars { center in
        squares.withUnsafeMutableBufferPointer { squares in
          gradient.withUnsafeMutableBufferPointer { gradient in
            squares.update(repeating: 0)
            for channel in 0..<channels {
              let start = channel * count
              for pixel in 0..<count {
                let move = (point[start + pixel] - center[start + pixel]) * inverse
                gradient[start + pixel] = move
                squares[pixel] += move * move
              }
            }
            for pixel in 0..<count {
              let sum = squares[pixel] + sigma
              squares[pixel] = factor / (sum * sum)
            }
            for channel in 0..<channels {
              let start = channel * count
              for pixel in 0..<count { gradient[start + pixel] *= squares[pixel] }
            }
          }
        }
      }
    }
    guard let margin else { return }
    let unit = unit
    margin.withUnsafeScalars { margin in
      gradient.withUnsafeMutableBufferPointer { gradient in
        for index in 0..<gradient.count {
          let slope = margin[index] * unit
          gradient[index] -= slope.isNaN ? 0 : slope
        }
      }
    }
  }

  /// Puts back pixels in which no value has moved so far.
  private mutating func restore(below threshold: Float) {
    let (domain, count, channels) = (domain, pixels.count, pixels.channels)
    point.withUnsafeMutableScalars { point in
      domain.center.withUnsafeScalars { center in
        squares.withUnsafeMutableBufferPointer { largest in
          largest.update(repeating: 0)
          for channel in 0..<channels {
            let start = channel * count
            for pixel in 0..<count {
              let size = abs(point[start + pixel] - center[start + pixel])
              largest[pixel] = size > largest[pixel] ? size : largest[pixel]
            }
          }
          for channel in 0..<channels {
            let start = channel * count
            for pixel in 0..<count where largest[pixel] < threshold {
              point[start + pixel] = center[start + pixel]
            }
          }
        }
      }
    }
  }
}
