import Tensors

/// Examples along the first axis of an array, read when they are asked for.
///
/// Bytes are spread over the bounds; other numbers are taken as they are and must lie within them, or are spread from
/// the range that they lie in. What is outside by no more than rounding is clipped.
struct NPYExamples: ExampleSource {
  let array: NPYArray
  let bounds: ClosedRange<Float>
  /// What numbers are spread over the bounds from, if they are; of bytes it is 0...255 by default.
  let range: ClosedRange<Float>?
  /// What the network normalises by, if that is known.
  let statistics: DataOptions.Statistics?
  let remarks: Remarks
  /// Height, width and channels, if the examples are images with the channels last.
  let channelsLast: (height: Int, width: Int, channels: Int)?
  /// What the values of bytes stand for, if that is what the elements are.
  let levels: ByteLevels?

  init(
    _ array: NPYArray, bounds: ClosedRange<Float>, range: ClosedRange<Float>?,
    statistics: DataOptions.Statistics?, isChannelsLast: Bool, remarks: Remarks
  ) {
    self.array = array
    self.bounds = bounds
    self.range = range
    self.statistics = statistics
    self.remarks = remarks
    let areBytes = array.type == .uint8 && (range ?? 0...255) == 0...255
    levels = areBytes ? ByteLevels(bounds) : nil
    let shape = array.shape
    channelsLast = isChannelsLast ? (shape[1], shape[2], shape[3]) : nil
  }

  var exampleCount: Int { array.shape[0] }
  var exampleSize: Int { array.shape.droppingFirst.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    if let levels {
      let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count, alignment: 16)
      defer { raw.deallocate() }
      try array.read(from: index * buffer.count, to: raw)
      levels.convert(UnsafeBufferPointer(raw.bindMemory(to: UInt8.self)), to: buffer)
    } else {
      try array.copy(from: index * buffer.count, to: buffer)
      try spread(buffer, example: index)
    }
    if let channelsLast {
      let (height, width, channels) = channelsLast
      let pixels = Array(buffer)
      for place in 0..<height * width {
        for channel in 0..<channels {
          buffer[channel * height * width + place] = pixels[place * channels + channel]
        }
      }
    }
  }

  /// Makes sure that values are numbers within the range, and spreads it over the bounds.
  func spread(
    _ values: UnsafeMutableBufferPointer<Float>, example: Int
  ) throws(DatasetError) {
    try check(values, example: example)
    if let range { Dataset.spread(values, from: range, over: bounds) }
  }

  /// How far outside values may be to be clipped, as a share of the range: a few units in the last place.
  private static let tolerance = 1e-6

  /// Makes sure that values are numbers within the range, and clips what rounding brought outside.
  private func check(
    _ values: UnsafeMutableBufferPointer<Float>, example: Int
  ) throws(DatasetError) {
    let range = range ?? bounds
    // Counting instead of leaving early keeps the loop free of branches.
    var outside: Int32 = 0
    for index in 0..<values.count {
      outside &+= values[index] >= range.lowerBound && values[index] <= range.upperBound ? 0 : 1
    }
    guard outside > 0 else { return }
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    let slack = NPYExamples.tolerance * (upper - lower)
    for place in values.indices where !range.contains(values[place]) {
      let value = values[place]
      guard Double(value) >= lower - slack, Double(value) <= upper + slack else {
        throw DatasetError(
          .content, in: array.name,
          "example \(example) has the value \(value) at \(place), expected values within"
            + " \(range.lowerBound)...\(range.upperBound)"
            + (value.isNaN
              ? ""
              : try RangeRemedy(
                array, within: range, isSaid: self.range != nil, statistics: statistics
              ).text))
      }
      values[place] = min(max(value, range.lowerBound), range.upperBound)
      remarks.add(
        .clipping,
        "\(array.name): values that rounding brought outside \(range.lowerBound)...\(range.upperBound) are"
          + " clipped, as \(value) at \(place) of example \(example)")
    }
  }
}
