extension Bitmap {
  /// The image in another size, by antialiased bilinear interpolation: for sizes in proportion bit for bit what
  /// Pillow's `resize(size, BILINEAR)` makes of it.
  ///
  /// Where the image shrinks, each new pixel is a weighted mean under a triangle that is as wide as two new
  /// pixels; first along rows, then along columns, rounded to bytes between. Where the width grows and the height
  /// shrinks, columns come first, which is less work. (Pillow 13 does the same, and also where both shrink, but the
  /// height much more; a byte may then differ by one.)
  ///
  /// - Precondition: Both extents are positive.
  public func resized(width newWidth: Int, height newHeight: Int) -> Bitmap {
    precondition(newWidth > 0 && newHeight > 0, "empty image \(newWidth)x\(newHeight)")
    return newWidth > width && newHeight < height
      ? withHeight(newHeight).withWidth(newWidth) : withWidth(newWidth).withHeight(newHeight)
  }

  private func withWidth(_ newWidth: Int) -> Bitmap {
    guard newWidth != width else { return self }
    let count = channels.rawValue
    let bytes = TriangleFilter(from: width, to: newWidth).applied(
      to: bytes, lines: height, lineStride: width * count, step: count, channels: count,
      targetLineStride: newWidth * count, targetStep: count)
    return Bitmap(width: newWidth, height: height, channels: channels, bytes: bytes)
  }

  private func withHeight(_ newHeight: Int) -> Bitmap {
    guard newHeight != height else { return self }
    // A row is one long pixel.
    let row = width * channels.rawValue
    let bytes = TriangleFilter(from: height, to: newHeight).applied(
      to: bytes, lines: 1, lineStride: 0, step: row, channels: row, targetLineStride: 0,
      targetStep: row)
    return Bitmap(width: width, height: newHeight, channels: channels, bytes: bytes)
  }

  /// The image with its shorter side of a given length and the other in proportion, rounded down, as
  /// torchvision's `Resize` does.
  public func resized(shorterSide side: Int) -> Bitmap {
    let short = min(width, height)
    guard short != side else { return self }
    let long = max(1, side * max(width, height) / short)
    return width <= height
      ? resized(width: side, height: long) : resized(width: long, height: side)
  }

  /// The middle of the image, as torchvision's `CenterCrop` takes it.
  ///
  /// - Precondition: The image is at least as large.
  public func centerCropped(width newWidth: Int, height newHeight: Int) -> Bitmap {
    precondition(
      1...width ~= newWidth && 1...height ~= newHeight,
      "\(newWidth)x\(newHeight) cannot be cut from \(width)x\(height)")
    let left = Bitmap.roundedHalf(width - newWidth)
    let top = Bitmap.roundedHalf(height - newHeight)
    let count = channels.rawValue
    var cut: [UInt8] = []
    cut.reserveCapacity(newWidth * newHeight * count)
    for row in top..<top + newHeight {
      let start = (row * width + left) * count
      cut += bytes[start..<start + newWidth * count]
    }
    return Bitmap(width: newWidth, height: newHeight, channels: channels, bytes: cut)
  }

  /// The image in other channels: grey is repeated, colours become their luma (ITU-R 601) as Pillow rounds it.
  public func converted(to other: Channels) -> Bitmap {
    switch (channels, other) {
    case (.grey, .grey), (.rgb, .rgb): return self
    case (.grey, .rgb):
      return Bitmap(
        width: width, height: height, channels: .rgb, bytes: bytes.flatMap { [$0, $0, $0] })
    case (.rgb, .grey):
      let grey = stride(from: 0, to: bytes.count, by: 3).map { place in
        let sum =
          Int(bytes[place]) * 19595 + Int(bytes[place + 1]) * 38470 + Int(bytes[place + 2]) * 7471
        return UInt8((sum + 0x8000) >> 16)
      }
      return Bitmap(width: width, height: height, channels: .grey, bytes: grey)
    }
  }

  /// Half of a number, a half rounded to the even neighbour as Python does.
  private static func roundedHalf(_ value: Int) -> Int {
    Int((Double(value) / 2).rounded(.toNearestOrEven))
  }
}
