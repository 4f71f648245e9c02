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
