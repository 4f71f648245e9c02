extension Bitmap {
  /// Creates an image from values in 0...1, rounded to the nearest of 256 levels.
  ///
  /// Values outside are drawn as the nearer end, NaN as black.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row.
  ///   - height: Rows.
  ///   - channels: How many planes there are.
  ///   - planes: One whole plane per channel after the other, as networks hold images; traps unless
  ///     complete.
  public init(width: Int, height: Int, channels: Channels = .grey, planes: [Float]) {
    let bytes = Bitmap.interleaved(planes, width * height, channels) { Bitmap.level($0) }
    self.init(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// Creates a picture of signed values, such as a perturbation, in which zero is neutral.
  ///
  /// One channel becomes colours from blue (`-radius`) over near-white (zero) to red (`radius`),
  /// which colour-blind readers can tell apart. Three channels become offsets from middle grey,
  /// each in its own channel. Values outside are drawn as the nearer end, NaN as zero.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row.
  ///   - height: Rows.
  ///   - channels: How many planes there are.
  ///   - signedPlanes: One whole plane per channel after the other; traps unless complete.
  ///   - radius: The magnitude drawn at full strength, above zero.
  public init(
    width: Int, height: Int, channels: Channels = .grey, signedPlanes: [Float], radius: Float
  ) {
    precondition(radius > 0 && radius.isFinite, "radius \(radius) is not positive")
    switch channels {
    case .grey:
      precondition(
        signedPlanes.count == width * height,
        "\(signedPlanes.count) values for \(width)x\(height)x1")
      let bytes = signedPlanes.flatMap { DivergingScale.color(at: $0 / radius) }
      self.init(width: width, height: height, channels: .rgb, bytes: bytes)
    case .rgb:
      let bytes = Bitmap.interleaved(signedPlanes, width * height, .rgb) { value in
        let part = value / radius
        return part.isNaN ? 128 : UInt8((128 + 127 * min(max(part, -1), 1)).rounded())
      }
      self.init(width: width, height: height, channels: .rgb, bytes: bytes)
    }
  }

  private static func level(_ value: Float) -> UInt8 {
    value.isNaN ? 0 : UInt8((255 * min(max(value, 0), 1)).rounded())
  }

  private static func interleaved(
    _ planes: [Float], _ area: Int, _ channels: Channels, _ level: (Float) -> UInt8
  ) -> [UInt8] {
    let count = channels.rawValue
    precondition(
      planes.count == area * count, "\(planes.count) values for \(area) pixels x \(count)")
    var bytes = [UInt8](repeating: 0, count: planes.count)
    for channel in 0..<count {
      for index in 0..<area {
        bytes[index * count + channel] = level(planes[channel * area + index])
      }
    }
    return bytes
  }
}
