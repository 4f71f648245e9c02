extension Bitmap {
  /// The image in another size, by antialiased bilinear interpolation: for sizes in proportion bit for bit what
  /// Pillow's `resize(size, BILINEAR)` makes of it.
  ///
  /// Where the image shrinks, each new pixel is a weighted mean under a triangle that is as wide as two new
  /// pixels; first along rows, then along columns, rounded to bytes between. Where the width grows and the height
  /// shrinks, columns come first, which is less work. (Pillow 13 does the same, and also where both shrink, but the
  /// height much more; a byte may then differ by one.)
  ///
  /// - Parameters:
  ///   - newWidth: Pixels in a row.
  ///   - newHeight: Rows.
  ///   - filter: How pixels are made; by others than triangles likewise as Pillow does it.
  /// - Returns: The image of that size.
  /// - Precondition: Both extents are positive.
  public func resized(
    width newWidth: Int, height newHeight: Int, by filter: Filter = .triangle
  ) -> Bitmap {
    precondition(newWidth > 0 && newHeight > 0, "empty image \(newWidth)x\(newHeight)")
    if filter == .nearest { return nearest(newWidth, newHeight) }
    return newWidth > width && newHeight < height
      ? withHeight(newHeight, filter).withWidth(newWidth, filter)
      : withWidth(newWidth, filter).withHeight(newHeight, filter)
  }

  /// How the pixels of another size are made of the old ones.
  public enum Filter: Sendable {
    /// A mean weighted by a triangle: bilinear interpolation where pictures grow.
    case triangle
    /// The plain mean over the area of the new pixel.
    case box
    /// The old pixel at the middle of the new one.
    case nearest
  }

  private func nearest(_ newWidth: Int, _ newHeight: Int) -> Bitmap {
    func places(_ old: Int, _ new: Int) -> [Int] {
      let scale = Double(old) / Double(new)
      // Pillow adds up as well, which decides where a middle lies between two pixels.
      var middle = 0.5 * scale
      return (0..<new).map { _ in
        defer { middle += scale }
        return min(Int(middle), old - 1)
      }
    }
    let columns = places(width, newWidth)
    var made: [UInt8] = []
    made.reserveCapacity(newWidth * newHeight * channels.rawValue)
    for row in places(height, newHeight) {
      for column in columns { made += pixel(x: column, y: row) }
    }
    return Bitmap(width: newWidth, height: newHeight, channels: channels, bytes: made)
  }

  private func withWidth(_ newWidth: Int, _ filter: Filter) -> Bitmap {
    guard newWidth != width else { return self }
    let count = channels.rawValue
    let bytes = ResamplingFilter(filter, from: width, to: newWidth).applied(
      to: bytes, lines: height, lineStride: width * count, step: count, channels: count,
      targetLineStride: newWidth * count, targetStep: count)
    return Bitmap(width: newWidth, height: height, channels: channels, bytes: bytes)
  }

  private func withHeight(_ newHeight: Int, _ filter: Filter) -> Bitmap {
    guard newHeight != height else { return self }
    // A row is one long pixel.
    let row = width * channels.rawValue
    let bytes = ResamplingFilter(filter, from: height, to: newHeight).applied(
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

/// The weights of interpolation along one axis, in the fixed point arithmetic of Pillow's `Resample.c`.
struct ResamplingFilter {
  private let source: Int
  /// For each new position, the first old one that it takes from.
  private let starts: [Int]
  /// For each new position, the number of old ones.
  private let counts: [Int]
  /// The weights of a new position, `support` of them at most.
  private let weights: [Int32]
  private let support: Int

  /// Bits after the point: 32 without the 8 of a value and 2 for sums that overshoot.
  private static let precision: Int32 = 22

  /// - Precondition: Both lengths are positive, and the filter is no choice of one pixel.
  init(_ filter: Bitmap.Filter, from source: Int, to target: Int) {
    self.source = source
    let scale = Double(source) / Double(target)
    let filterScale = max(scale, 1)
    let reach = filter == .box ? filterScale / 2 : filterScale
    support = Int(reach.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Int32](repeating: 0, count: target * support)
    for position in 0..<target {
      let center = (Double(position) + 0.5) * scale
      let start = max(0, Int(center - reach + 0.5))
      let end = min(source, Int(center + reach + 0.5))
      let shares = (start..<end).map { place in
        let distance = (Double(place) - center + 0.5) * (1 / filterScale)
        return filter == .box
          ? (distance > -0.5 && distance <= 0.5 ? 1 : 0) : max(0, 1 - abs(distance))
      }
      let sum = shares.reduce(0, +)
      for (index, share) in shares.enumerated() {
        let weight = sum == 0 ? share : share / sum
        weights[position * support + index] = Int32(
          0.5 + weight * Double(1 << ResamplingFilter.precision))
      }
      starts.append(start)
      counts.append(end - start)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
  }

  /// Filters lines of positions, each of which holds some channels one after the other.
  func applied(
    to bytes: [UInt8], lines: Int, lineStride: Int, step: Int, channels: Int,
    targetLineStride: Int, targetStep: Int
  ) -> [UInt8] {
    let size = lines * starts.count * channels
    let half = Int32(1) << (ResamplingFilter.precision - 1)
    return [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      var sums = [Int32](repeating: 0, count: channels)
      bytes.withUnsafeBufferPointer { bytes in
        for line in 0..<lines {
          for position in starts.indices {
            for channel in 0..<channels { sums[channel] = half }
            for index in 0..<counts[position] {
              let weight = weights[position * support + index]
              let place = line * lineStride + (starts[position] + index) * step
              for channel in 0..<channels {
                sums[channel] &+= Int32(bytes[place + channel]) &* weight
              }
            }
            let start = line * targetLineStride + position * targetStep
            for channel in 0..<channels {
              let value = sums[channel] >> ResamplingFilter.precision
              target[start + channel] = UInt8(min(max(value, 0), 255))
            }
          }
        }
      }
      filled = size
    }
  }
}
