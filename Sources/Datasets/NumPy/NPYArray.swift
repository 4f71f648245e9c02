public import Archives
public import Tensors

/// An array of numbers in a `.npy` file, an entry of an `.npz` file, or memory.
///
/// The values stay where they are until they are asked for, so an array may be larger than memory.
///
///     let array = try NPYArray(path: "x.npy")
///     let tensor = try array.tensor()
public struct NPYArray: Sendable {
  /// What errors call the array.
  public let name: String
  /// The type of the elements.
  public let type: NPYType
  /// The extents.
  public let shape: Shape
  /// Whether the first index varies fastest in the file.
  public let isFortranOrder: Bool
  /// The number of elements.
  public let count: Int

  private let source: any ByteSource
  private let start: Int

  /// Opens a `.npy` file, gzipped or not.
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected.
  public init(path: String) throws(DatasetError) {
    try self.init(
      DatasetError.converting { () throws(ArchiveError) in try ByteSources.open(path) })
  }

  /// Opens the bytes of a `.npy` file.
  ///
  /// No memory is allocated on the word of the header.
  ///
  /// - Throws: `DatasetError` of kind `.format` unless the bytes are one whole array and no more.
  public init(_ source: any ByteSource) throws(DatasetError) {
    let header = try NPYHeader(source)
    let held = source.count - header.start
    let written = header.extents.map(String.init).joined(separator: "x")
    // Also an empty array may not have extents whose product in any order overflows.
    guard let count = header.extents.product, let size = [count, header.type.width].product,
      header.extents.filter({ $0 > 0 }).product != nil
    else {
      throw DatasetError(
        .format, in: source.name, at: 10, "the extents \(written) are beyond 64 bits")
    }
    guard size == held else {
      throw DatasetError(
        .format, in: source.name, at: header.start,
        "found \(held) bytes of values, expected \(size) for \(written) of type \(header.type)")
    }
    name = source.name
    type = header.type
    shape = Shape(header.extents)
    isFortranOrder = header.isFortranOrder
    self.count = count
    self.source = source
    start = header.start
  }

  /// Elements from a position in the file on, in the order of the file, as `Float`.
  ///
  /// 64-bit numbers are rounded to the nearest; bytes are not scaled.
  ///
  /// - Precondition: There are as many from there on as the buffer holds.
  func copy(
    from position: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    precondition(position >= 0 && position + buffer.count <= count, "outside the array \(name)")
    if buffer.isEmpty { return }
    let raw = UnsafeMutableRawBufferPointer.allocate(
      byteCount: buffer.count * type.width, alignment: 16)
    defer { raw.deallocate() }
    try read(from: position, to: raw)
    type.convert(UnsafeRawBufferPointer(raw), to: buffer)
  }

  /// The raw elements from a position in the file on.
  func read(from position: Int, to raw: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try DatasetError.converting { () throws(ArchiveError) in
      try source.read(at: start + position * type.width, into: raw)
    }
  }

  /// All elements as a tensor, in row-major order.
  ///
  /// - Throws: `DatasetError` if the file cannot be read.
  public func tensor() throws(DatasetError) -> Tensor<Float> {
    var values = [Float](repeating: 0, count: count)
    try values.withUnsafeMutableBufferPointer { buffer throws(DatasetError) in
      // In pieces, so that the raw bytes never need as much memory as the values.
      for place in stride(from: 0, to: count, by: 1 << 20) {
        let part = buffer[place..<min(place + 1 << 20, count)]
        try copy(from: place, to: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
    return Tensor(isFortranOrder ? NPYArray.rowMajor(values, shape) : values, shape: shape)
  }

  /// All elements of an array of integers, in row-major order.
  ///
  /// - Throws: `DatasetError` of kind `.content` unless the elements are integers within 64 bits with a sign.
  public func integers() throws(DatasetError) -> [Int] {
    guard type.kind != .float else {
      throw DatasetError(.content, in: name, "found elements of type \(type), expected integers")
    }
    let raw = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: start..<start + count * type.width)
    }
    guard let values = type.integers(raw) else {
      throw DatasetError(.content, in: name, "holds an integer beyond 63 bits")
    }
    return isFortranOrder ? NPYArray.rowMajor(values, shape) : values
  }

  /// Elements in Fortran's order brought into C's.
  static func rowMajor<Element>(_ values: [Element], _ shape: Shape) -> [Element] {
    guard shape.rank > 1, let first = values.first else { return values }
    var result = [Element](repeating: first, count: values.count)
    let strides = Array(Shape(shape.extents.reversed()).strides.reversed())
    var index = [Int](repeating: 0, count: shape.rank)
    var place = 0
    for target in result.indices {
      result[target] = values[place]
      var axis = shape.rank - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}

extension [Int] {
  /// The product, or `nil` if it is too large for an `Int`, whatever the order of the factors.
  var product: Int? {
    if contains(0) { return 0 }
    var product = 1
    for factor in self {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      product = next
    }
    return product
  }
}

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
        "\(array.name): values outside \(range.lowerBound)...\(range.upperBound) by rounding only are clipped, such"
          + " as \(value) at \(place) of example \(example)")
    }
  }
}
