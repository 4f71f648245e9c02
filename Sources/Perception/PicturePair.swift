import Tensors

/// Two pictures of one shape as planes of doubles, one for each channel, values in 0...1.
struct PicturePair {
  let height: Int
  let width: Int
  /// The planes of the first picture, rows from the top.
  let first: [[Double]]
  /// Those of the second.
  let second: [[Double]]

  /// The shorter side.
  var side: Int { min(height, width) }

  /// Looks at two pictures.
  ///
  /// - Throws: `PerceptionError` unless both are C x H x W with 1 or 3 channels and values in 0...1.
  init(_ first: Tensor<Float>, _ second: Tensor<Float>) throws(PerceptionError) {
    let shape = first.shape
    guard shape.rank == 3, [1, 3].contains(shape[0]), shape.count > 0 else {
      throw .picture(shape)
    }
    guard second.shape == shape else { throw .shapes(shape, second.shape) }
    height = shape[1]
    width = shape[2]
    self.first = try PicturePair.planes(first)
    self.second = try PicturePair.planes(second)
  }

  private static func planes(
    _ picture: Tensor<Float>
  ) throws(PerceptionError) -> [[Double]] {
    let values = picture.scalars
    if let place = values.firstIndex(where: { !(0...1).contains($0) }) {
      throw .value(values[place], coordinate: place)
    }
    let size = picture.shape.pixelCount
    return (0..<picture.shape[0]).map { channel in
      values[channel * size..<(channel + 1) * size].map(Double.init)
    }
  }
}
