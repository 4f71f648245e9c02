import Robustness
import Tensors

/// How the values of an example lie in pixels, as the norm L0 counts them: the places of a C x H x W example with
/// all their channels, single values of other examples.
struct Pixels {
  /// The number of pixels; the channels of a pixel lie so far apart.
  let count: Int
  /// The number of values of a pixel.
  let channels: Int
  /// The largest width of the box: the unit of lengths that are written for data from 0 to 1.
  let unit: Double

  private let domain: any FeasibleSet

  init(_ domain: any FeasibleSet) {
    self.domain = domain
    let shape = domain.center.shape
    let values = max(shape.count, 1)
    count = shape.rank == 3 ? max(shape.extents[1] * shape.extents[2], 1) : values
    channels = values / count
    let width = domain.hull.lower.zip(domain.hull.upper) { $1 - $0 }.normInfinity
    unit = width > 0 && width < 1e30 ? width : 1
  }

  /// The positions of a pixel's values.
  func indices(of pixel: Int) -> StrideTo<Int> {
    stride(from: pixel, to: count * channels, by: count)
  }

  /// The pixels that differ from those of the example.
  func changed(_ point: Tensor<Float>) -> [Int] {
    point.withUnsafeScalars { point in
      domain.center.withUnsafeScalars { center in
        (0..<count).filter { pixel in
          indices(of: pixel).contains { point[$0] != center[$0] }
        }
      }
    }
  }

  /// A point with some pixels as they are in the example.
  func restoring(_ pixels: some Sequence<Int>, in point: Tensor<Float>) -> Tensor<Float> {
    var result = point
    for pixel in pixels {
      for index in indices(of: pixel) { result[index] = domain.center[index] }
    }
    return result
  }
}
