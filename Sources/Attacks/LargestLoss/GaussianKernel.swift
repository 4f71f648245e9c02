package import Tensors

/// A Gaussian cut at three standard deviations, of weights that add up to 1 along each axis.
package struct GaussianKernel {
  private let weights: [Float]
  private let radius: Int

  /// Creates the kernel of 2 `radius` + 1 pixels to a side.
  package init(radius: Int) {
    self.radius = radius
    let values = (-radius...radius).map { place -> Double in
      let deviations = radius == 0 ? 0 : 3 * Double(place) / Double(radius)
      return Double.exp(-deviations * deviations / 2)
    }
    let sum = values.reduce(0, +)
    weights = values.map { Float($0 / sum) }
  }

  /// Each channel of a picture convolved with the kernel, zeros beyond the border: along columns, then along rows.
  package func smoothed(_ picture: Tensor<Float>) -> Tensor<Float> {
    let (height, width) = (picture.shape[1], picture.shape[2])
    return along(along(picture, extent: height, stride: width), extent: width, stride: 1)
  }

  /// One axis, given by its extent and the distance of neighbours.
  private func along(_ picture: Tensor<Float>, extent: Int, stride: Int) -> Tensor<Float> {
    picture.withUnsafeScalars { source in
      weights.withUnsafeBufferPointer { weights in
        Tensor(shape: picture.shape) { target in
          target.update(repeating: 0)
          let lines = picture.count / (extent * stride)
          for line in 0..<lines {
            let base = line * extent * stride
            for shift in max(-radius, 1 - extent)...min(radius, extent - 1) {
              let weight = weights[shift + radius]
              // The places whose neighbour at this shift is on the same line.
              let first = max(0, -shift)
              let count = (extent - abs(shift)) * stride
              let to = base + first * stride
              let from = base + (first + shift) * stride
              for index in 0..<count { target[to + index] += weight * source[from + index] }
            }
          }
        }
      }
    }
  }
}
