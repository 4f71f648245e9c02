package import Datasets
import Images
import Tensors

extension Dataset {
  /// The same pictures in another size, by antialiased bilinear interpolation and rounded to bytes.
  ///
  /// - Parameter side: Rows and columns of the result.
  /// - Returns: A data set in memory of values in 0...1.
  /// - Throws: `DatasetError` where examples cannot be read.
  /// - Precondition: Examples are C x H x W with 1 or 3 channels, and have classes.
  package func resampled(toSide side: Int) throws(DatasetError) -> Dataset {
    let (height, width) = (exampleShape[1], exampleShape[2])
    guard let channels = Bitmap.Channels(rawValue: exampleShape[0]) else {
      preconditionFailure("pictures of \(exampleShape[0]) channels")
    }
    let shape: Shape = [channels.rawValue, side, side]
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * shape.count)
    let length = bounds.upperBound - bounds.lowerBound
    for position in 0..<count {
      let values = try image(at: position).scalars.map { ($0 - bounds.lowerBound) / length }
      let picture = Bitmap(width: width, height: height, channels: channels, planes: values)
      bytes += picture.resized(width: side, height: side).planes
    }
    return Dataset(
      name: "\(name) at \(side) pixels", exampleShape: shape, bytes: bytes,
      labels: labels(at: 0..<count), classNames: classNames)
  }
}
