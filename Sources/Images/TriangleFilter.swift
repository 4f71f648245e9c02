/// The weights of bilinear interpolation along one axis, in the fixed point arithmetic of Pillow's
/// `Resample.c`.
struct TriangleFilter {
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

  /// - Precondition: Both lengths are positive.
  init(from source: Int, to target: Int) {
    self.source = source
    let scale = Double(source) / Double(target)
    let filterScale = max(scale, 1)
    let reach = filterScale
    support = Int(reach.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Int32](repeating: 0, count: target * support)
    for position in 0..<target {
      let center = (Double(position) + 0.5) * scale
      let start = max(0, Int(center - reach + 0.5))
      let end = min(source, Int(center + reach + 0.5))
      let shares = (start..<end).map { place in
        max(0, 1 - abs((Double(place) - center + 0.5) * (1 / filterScale)))
      }
      let sum = shares.reduce(0, +)
      for (index, share) in shares.enumerated() {
        let weight = sum == 0 ? share : share / sum
        weights[position * support + index] = Int32(
          0.5 + weight * Double(1 << TriangleFilter.precision))
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
    let half = Int32(1) << (TriangleFilter.precision - 1)
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
              let value = sums[channel] >> TriangleFilter.precision
              target[start + channel] = UInt8(min(max(value, 0), 255))
            }
          }
        }
      }
      filled = size
    }
  }
}
