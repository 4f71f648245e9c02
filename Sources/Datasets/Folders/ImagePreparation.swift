public import Images
import Settings
public import Tensors

/// How a picture becomes the input of a network: its shorter side is resized, and its middle cut out.
///
/// The arithmetic is that of torchvision's `Resize` and `CenterCrop` on Pillow's images, bit for bit.
public struct ImagePreparation: Hashable, Sendable {
  /// The shape of the input: channels (1 or 3), height, width.
  public let shape: Shape

  /// The length of the shorter side before the middle is cut out; by default the least that fills the shape.
  public let resize: Int?

  /// Creates a preparation.
  ///
  /// - Throws: `DatasetError` of kind `.content` unless the shape is that of an image and the resized picture
  ///   fills it.
  public init(shape: Shape, resize: Int? = nil) throws(DatasetError) {
    guard shape.rank == 3, Bitmap.Channels(rawValue: shape[0]) != nil, shape.count > 0 else {
      throw DatasetError(
        .content, in: "images",
        "the network takes inputs of shape \(shape), expected 1 or 3 channels, height and width"
          + ImagePreparation.remedy(shape))
    }
    if let resize {
      guard max(shape[1], shape[2])...16_384 ~= resize else {
        throw DatasetError(
          .content, in: "images",
          "resized to \(resize), expected \(max(shape[1], shape[2])) to 16384 to fill \(shape)")
      }
    }
    self.shape = shape
    self.resize = resize
  }

  /// What helps where a shape is no image's.
  private static func remedy(_ shape: Shape) -> String {
    if shape.rank == 1 {
      return
        "; a network of rows takes pictures of as many values in a folder, \(Setting.data) images:DIR"
    }
    guard shape.rank == 3, Bitmap.Channels(rawValue: shape[2]) != nil else { return "" }
    return "; a network that has the channels last needs \(Setting.layout) nhwc"
  }

  /// The pixels that a network is to see.
  public func apply(to picture: Bitmap) -> Bitmap {
    let channels: Bitmap.Channels = shape[0] == 1 ? .grey : .rgb
    let (height, width) = (shape[1], shape[2])
    var image = picture.converted(to: channels)
    if let resize {
      image = image.resized(shorterSide: resize)
    } else if image.width != width || image.height != height {
      image = image.covering(width: width, height: height)
    }
    return image.centerCropped(width: width, height: height)
  }
}

extension Bitmap {
  /// The image shrunk or enlarged as little as it takes to have at least the given size, one side exactly.
  fileprivate func covering(width target: Int, height targetHeight: Int) -> Bitmap {
    // Compared crosswise, in integers.
    if width * targetHeight <= height * target {
      return resized(width: target, height: max(targetHeight, height * target / width))
    }
    return resized(width: max(target, width * targetHeight / height), height: targetHeight)
  }

  /// The samples of a picture one channel after the other.
  package var planes: [UInt8] {
    let count = channels.rawValue
    if count == 1 { return bytes }
    var planes: [UInt8] = []
    planes.reserveCapacity(bytes.count)
    for channel in 0..<count {
      for place in stride(from: channel, to: bytes.count, by: count) { planes.append(bytes[place]) }
    }
    return planes
  }
}
