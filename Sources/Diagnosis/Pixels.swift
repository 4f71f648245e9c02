import Networks
import Tensors

/// The same pictures in other orders and units; N x C x H x W throughout, or N x D where only values matter.
enum Pixels {
  static func flipped(
    _ x: Tensor<Float>, rows: Bool = false, columns: Bool = false
  ) -> Tensor<Float> {
    let (height, width) = (x.shape[2], x.shape[3])
    return gathered(x) { index in
      let (map, rest) = index.quotientAndRemainder(dividingBy: height * width)
      let (row, column) = rest.quotientAndRemainder(dividingBy: width)
      return map * height * width + (rows ? height - 1 - row : row) * width
        + (columns ? width - 1 - column : column)
    }
  }

  /// Rows and columns of squares exchanged.
  static func transposed(_ x: Tensor<Float>) -> Tensor<Float> {
    let (height, width) = (x.shape[2], x.shape[3])
    return gathered(x) { index in
      let (map, rest) = index.quotientAndRemainder(dividingBy: height * width)
      return map * height * width + rest % height * width + rest / height
    }
  }

  /// What lies there as H x W x C, although it is called C x H x W.
  static func readChannelsLast(_ x: Tensor<Float>) -> Tensor<Float> {
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    return gathered(x) { index in
      let (example, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
      return example * channels * pixels + rest % pixels * channels + rest / pixels
    }
  }

  /// Laid out as H x W x C, under the shape of C x H x W.
  static func givenChannelsLast(_ x: Tensor<Float>) -> Tensor<Float> {
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    return gathered(x) { index in
      let (example, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
      return example * channels * pixels + rest % channels * pixels + rest / channels
    }
  }

  /// The input that a network of one description must get to see what one of another would see of `x`.
  static func translated(
    _ x: Tensor<Float>, from own: InputDescription, to wanted: InputDescription
  ) -> Tensor<Float> {
    guard own != wanted else { return x }
    // Features may each have statistics of their own.
    let channels =
      x.shape.rank == 4 ? x.shape[1] : max(1, own.mean.count, wanted.mean.count)
    let isReversed = own.channelOrder != wanted.channelOrder && channels == 3
    let pixels = max(1, x.shape.droppingFirst.count / channels)
    let (given, expected) = (
      (0..<channels).map { own.preparation($0, of: channels) },
      (0..<channels).map { wanted.preparation($0, of: channels) }
    )
    return Tensor(shape: x.shape) { target in
      for index in 0..<target.count {
        let (map, pixel) = index.quotientAndRemainder(dividingBy: pixels)
        let channel = map % channels
        // The network's channel that this one of the data becomes.
        let inside = own.channelOrder == .bgr && channels == 3 ? 2 - channel : channel
        let source = isReversed ? map - channel + 2 - channel : map
        let value = x[source * pixels + pixel]
        let seen = Double(value) * expected[inside].factor + expected[inside].offset
        target[index] = Float((seen - given[inside].offset) / given[inside].factor)
      }
    }
  }

  /// The values passed through a function of value and channel.
  static func mapped(
    _ x: Tensor<Float>, _ transform: (Float, Int) -> Float
  ) -> Tensor<Float> {
    let channels = x.shape.rank == 4 ? x.shape[1] : 1
    let pixels = max(1, x.shape.droppingFirst.count / channels)
    return Tensor(shape: x.shape) { target in
      for index in 0..<target.count {
        target[index] = transform(x[index], index / pixels % channels)
      }
    }
  }

  /// The values at other places of the same storage.
  private static func gathered(_ x: Tensor<Float>, _ place: (Int) -> Int) -> Tensor<Float> {
    Tensor(shape: x.shape) { target in
      for index in 0..<target.count { target[index] = x[place(index)] }
    }
  }
}

extension InputDescription {
  /// What a channel of the network's becomes before the first layer: factor * x + offset.
  fileprivate func preparation(
    _ channel: Int, of channels: Int
  ) -> (factor: Double, offset: Double) {
    var (factor, offset) = (1.0, 0.0)
    if let networkRange {
      factor =
        Double(networkRange.upperBound - networkRange.lowerBound)
        / Double(upperBound - lowerBound)
      offset = Double(networkRange.lowerBound) - Double(lowerBound) * factor
    }
    guard !mean.isEmpty else { return (factor, offset) }
    let place = mean.count == channels ? channel : 0
    let deviation = Double(standardDeviation[place])
    return (factor / deviation, (offset - Double(mean[place])) / deviation)
  }
}
