public import Models
public import Tensors

/// Shrinking of a picture to a random size at a random place, the rest filled: a randomised defence.
///
/// The size is uniform in `least`...1 of the picture's, the place uniform among those where all of it is seen;
/// the values are interpolated linearly, and the frame is zero. After Xie, Wang, Zhang, Ren and Yuille, "Mitigating
/// adversarial effects through randomization", 2018, https://arxiv.org/abs/1711.01991.
public struct RandomResize: Preprocessing, Hashable {
  /// The least size, as a share of each side.
  public let least: Float

  /// Creates the rule.
  ///
  /// - Precondition: The least size is positive and at most 1.
  public init(least: Float = 0.8) {
    precondition(least > 0 && least <= 1, "a least size of \(least)")
    self.least = least
  }

  /// The smaller picture in its frame.
  public func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> {
    let positions = positions(for: x.shape, using: &randomness)
    return Warp(x.shape, fill: 0).apply(positions, to: x)
  }

  /// The exact derivative for the same size and place.
  public func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float> {
    let positions = positions(for: x.shape, using: &randomness)
    return Warp(x.shape, fill: 0).inputPullback(gradient, at: positions)
  }

  /// Where each place of the frame lies in the picture.
  private func positions(for shape: Shape, using randomness: inout Philox) -> [Float] {
    precondition(shape.rank == 3, "a picture of shape \(shape)")
    let (height, width) = (Float(shape[1]), Float(shape[2]))
    let size = least + (1 - least) * randomness.uniform()
    let top = randomness.uniform() * (1 - size) * height
    let left = randomness.uniform() * (1 - size) * width
    var positions: [Float] = []
    positions.reserveCapacity(2 * shape[1] * shape[2])
    for row in 0..<shape[1] {
      for column in 0..<shape[2] {
        positions.append((Float(row) + 0.5 - top) / size - 0.5)
        positions.append((Float(column) + 0.5 - left) / size - 0.5)
      }
    }
    return positions
  }
}
