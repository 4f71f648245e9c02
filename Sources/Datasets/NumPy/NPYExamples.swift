import Tensors

/// Examples along the first axis of an array, read when they are asked for.
///
/// Bytes are spread over the bounds; other numbers are taken as they are and must lie within them.
struct NPYExamples: ExampleSource {
  let array: NPYArray
  let bounds: ClosedRange<Float>
  /// What numbers other than bytes are spread over the bounds from, if they are.
  let range: ClosedRange<Float>?
  /// Height, width and channels, if the examples are images with the channels last.
  let channelsLast: (height: Int, width: Int, channels: Int)?
  private let levels: ByteLevels?

  init(
    _ array: NPYArray, bounds: ClosedRange<Float>, range: ClosedRange<Float>?,
    isChannelsLast: Bool
  ) {
    self.array = array
    self.bounds = bounds
    self.range = range
    levels = array.type == .uint8 ? ByteLevels(bounds) : nil
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
    try NPYExamples.check(values, example: example, of: array.name, within: range ?? bounds)
    guard let range, range != bounds else { return }
    // In double precision, so that the ends come out exactly.
    let scale =
      (Double(bounds.upperBound) - Double(bounds.lowerBound))
      / (Double(range.upperBound) - Double(range.lowerBound))
    for index in values.indices {
      let value =
        Double(bounds.lowerBound) + (Double(values[index]) - Double(range.lowerBound)) * scale
      values[index] = min(max(Float(value), bounds.lowerBound), bounds.upperBound)
    }
  }

  /// Makes sure that values are numbers within bounds.
  static func check(
    _ values: UnsafeMutableBufferPointer<Float>, example: Int, of name: String,
    within bounds: ClosedRange<Float>
  ) throws(DatasetError) {
    // Counting instead of leaving early keeps the loop free of branches.
    var outside: Int32 = 0
    for index in 0..<values.count {
      outside &+= values[index] >= bounds.lowerBound && values[index] <= bounds.upperBound ? 0 : 1
    }
    guard outside > 0, let place = values.firstIndex(where: { !bounds.contains($0) }) else {
      return
    }
    throw DatasetError(
      .content, in: name,
      "example \(example) has the value \(values[place]) at \(place), expected values within"
        + " \(bounds.lowerBound)...\(bounds.upperBound)" + hint(values, bounds))
  }

  /// What mends values that look like those of bytes.
  private static func hint(
    _ values: UnsafeMutableBufferPointer<Float>, _ bounds: ClosedRange<Float>
  ) -> String {
    guard bounds.upperBound <= 1, values.allSatisfy({ 0...255 ~= $0 }),
      values.contains(where: { $0 > 2 })
    else { return "" }
    return "; they look like 0 to 255, which --data-range 0:255 spreads over the bounds"
  }
}
