package import Tensors

/// Changes of a picture that have one Euclidean length and stay within the data's bounds.
///
/// Cutting at the bounds takes length away, so directions are stretched until what is left has the length that was
/// asked for: a comparison of changes of one length is one of these, not of what was meant.
package struct EqualLength: Sendable {
  /// The picture.
  package let input: Tensor<Float>
  /// The values that it may have.
  package let bounds: ClosedRange<Float>

  /// Creates changes of a picture.
  package init(of input: Tensor<Float>, within bounds: ClosedRange<Float>) {
    self.input = input
    self.bounds = bounds
  }

  /// The picture moved along a direction by a length, cut at the bounds.
  ///
  /// - Parameters:
  ///   - direction: Which way each value goes; its own length does not count.
  ///   - length: The Euclidean length of the change, reached to within single precision.
  /// - Returns: The picture; `nil` where the bounds leave no room for the length.
  package func moved(along direction: Tensor<Float>, by length: Double) -> Tensor<Float>? {
    guard length > 0 else { return input }
    let unit = direction.norm2
    guard unit > 0, unit.isFinite else { return nil }
    func point(_ stretch: Double) -> Tensor<Float> {
      input.zip(direction) { value, step in
        let moved = Double(value) + stretch / unit * Double(step)
        return min(max(Float(moved), bounds.lowerBound), bounds.upperBound)
      }
    }
    var (low, high) = (0.0, length)
    while (point(high) - input).norm2 < length {
      (low, high) = (high, 2 * high)
      guard high < 1e9 * length else { return nil }
    }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if (point(middle) - input).norm2 < length { low = middle } else { high = middle }
    }
    return point(high)
  }

  /// A direction that is uniform on the sphere.
  package func random(using randomness: inout Philox) -> Tensor<Float> {
    randomness.normals(input.shape)
  }

  /// A square in a random place in which every value goes toward the farther bound, the smallest one in which a change
  /// can have the length; `nil` where the whole picture is not enough.
  ///
  /// - Precondition: The input is C x H x W.
  package func patch(
    ofLength length: Double, using randomness: inout Philox
  ) -> Tensor<Float>? {
    let (height, width) = (input.shape[1], input.shape[2])
    let row = randomness.integer(below: height)
    let column = randomness.integer(below: width)
    for side in 1...max(height, width) {
      let direction = square(around: (row, column), side: side)
      var squares = 0.0
      for index in 0..<input.count where direction[index] != 0 {
        let end = direction[index] > 0 ? bounds.upperBound : bounds.lowerBound
        let room = Double(end) - Double(input[index])
        squares += room * room
      }
      if squares.squareRoot() >= length { return direction }
    }
    return nil
  }

  /// The signs of the way to the farther bound in a square that lies in the picture as far as it fits, zero elsewhere.
  private func square(around middle: (row: Int, column: Int), side: Int) -> Tensor<Float> {
    let (height, width) = (input.shape[1], input.shape[2])
    let top = max(0, min(middle.row - side / 2, height - side))
    let left = max(0, min(middle.column - side / 2, width - side))
    let half = bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) / 2
    var direction = Tensor<Float>.zeros(input.shape)
    for channel in 0..<input.shape[0] {
      for row in top..<min(top + side, height) {
        for column in left..<min(left + side, width) {
          let place = (channel * height + row) * width + column
          direction[place] = input[place] < half ? 1 : -1
        }
      }
    }
    return direction
  }
}
