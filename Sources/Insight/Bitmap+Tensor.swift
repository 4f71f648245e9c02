package import Images
package import Tensors

extension Bitmap {
  /// The picture of an input; `nil` unless its shape is that of a grey or coloured image.
  package init?(_ input: Tensor<Float>, bounds: ClosedRange<Float>) {
    guard let (channels, height, width) = Bitmap.layout(input.shape) else { return nil }
    let length = bounds.upperBound - bounds.lowerBound
    let values = input.scalars.map { length > 0 ? ($0 - bounds.lowerBound) / length : 0 }
    self.init(width: width, height: height, channels: channels, planes: values)
  }

  /// The picture of a change of an image, its colours at full strength where it is `radius`.
  package init?(change: Tensor<Float>, radius: Float) {
    guard let (channels, height, width) = Bitmap.layout(change.shape), radius > 0 else {
      return nil
    }
    self.init(
      width: width, height: height, channels: channels, signedPlanes: change.scalars,
      radius: radius)
  }

  private static func layout(_ shape: Shape) -> (Channels, height: Int, width: Int)? {
    let extents = shape.extents
    switch extents.count {
    // Two axes may also be those of a series, whose values make no picture.
    case 2
    where extents.allSatisfy { $0 >= 8 } && extents[0] <= 4 * extents[1]
      && extents[1] <= 4 * extents[0]:
      return (.grey, extents[0], extents[1])
    case 3:
      guard let channels = Channels(rawValue: extents[0]) else { return nil }
      return (channels, extents[1], extents[2])
    default: return nil
    }
  }
}
