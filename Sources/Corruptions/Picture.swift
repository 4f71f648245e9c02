import Tensors

/// A picture of 8-bit levels while it is changed: whole planes one after the other, values in 0...255.
struct Picture: Sendable {
  /// 1 for grey, 3 for red, green and blue.
  let channels: Int
  /// Rows, at least 1.
  let height: Int
  /// Pixels in a row, at least 1.
  let width: Int
  /// Channel after channel, row after row.
  var levels: [Float]

  /// The pixels of a channel.
  var area: Int { height * width }
  /// The longer side.
  var side: Int { max(height, width) }

  /// A picture of levels.
  init(channels: Int, height: Int, width: Int, levels: [Float]) {
    precondition(levels.count == channels * height * width, "levels that do not fill a picture")
    self.channels = channels
    self.height = height
    self.width = width
    self.levels = levels
  }

  /// Takes a picture of values in 0...1 over, rounded to the nearest level.
  ///
  /// - Throws: `CorruptionError` for another shape, or a value outside.
  init(_ image: Tensor<Float>) throws(CorruptionError) {
    try CorruptionError.check(image.shape)
    if let place = image.scalars.firstIndex(where: { !(0...1 ~= $0) }) {
      throw .range(image[place], place)
    }
    // Conversions round faster than the function of that name.
    let levels: [Float] = image.scalars.map { Float(Int32($0 * 255 + 0.5)) }
    self.init(
      channels: image.shape[0], height: image.shape[1], width: image.shape[2], levels: levels)
  }

  /// The picture as values in 0...1, each level clamped and rounded down, as the reference does by a cast to bytes.
  var image: Tensor<Float> {
    Tensor(
      levels.map { Float(Int32(min(max($0, 0), 255))) / 255 }, shape: [channels, height, width])
  }

  /// Changes each plane by itself.
  mutating func forEachPlane(_ change: (inout Plane) -> Void) {
    for channel in 0..<channels {
      let range = channel * area..<(channel + 1) * area
      var plane = Plane(height: height, width: width, values: Array(levels[range]))
      change(&plane)
      levels.replaceSubrange(range, with: plane.values)
    }
  }

  /// Clamps each level and rounds it down to a whole one.
  mutating func roundDown() {
    for index in levels.indices { levels[index] = Float(Int32(min(max(levels[index], 0), 255))) }
  }

  /// Clamps each level and rounds it to the nearest whole one.
  mutating func round() {
    for index in levels.indices {
      levels[index] = Float(Int32(min(max(levels[index], 0), 255) + 0.5))
    }
  }

  /// The luma of each pixel (ITU-R 601).
  var luma: [Float] {
    guard channels == 3 else { return levels }
    return (0..<area).map {
      0.299 * levels[$0] + 0.587 * levels[area + $0] + 0.114 * levels[2 * area + $0]
    }
  }
}

/// One value for each pixel.
struct Plane: Sendable {
  /// Rows.
  let height: Int
  /// Pixels in a row.
  let width: Int
  /// Row after row.
  var values: [Float]

  /// A plane of values.
  init(height: Int, width: Int, values: [Float]) {
    self.height = height
    self.width = width
    self.values = values
  }

  /// A plane whose values are drawn one after the other.
  init(height: Int, width: Int, drawing: () -> Float) {
    self.init(
      height: height, width: width,
      values: [Float](unsafeUninitializedCapacity: height * width) { buffer, count in
        for index in 0..<height * width { buffer.initializeElement(at: index, to: drawing()) }
        count = height * width
      })
  }
}
