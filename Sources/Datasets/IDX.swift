import Archives
public import Tensors

/// An array of unsigned bytes in the IDX format, the format of the MNIST files.
///
/// Two zero bytes, the type (8), the rank, the extents as big-endian 32-bit numbers, and the values in
/// row-major order; nothing else.
public struct IDX: Hashable, Sendable {
  /// What errors call the array, such as the path of its file.
  public let name: String

  /// The extents; their product is `values.count`.
  public let shape: Shape

  /// The values in row-major order; the indices begin where the values begin in the file.
  public let values: ArraySlice<UInt8>

  /// Reads an array from the bytes of its file.
  ///
  /// No memory is allocated on the word of the header.
  ///
  /// - Throws: `DatasetError` of kind `.format` unless the bytes are one whole array and no more.
  public init(_ bytes: [UInt8], named name: String) throws(DatasetError) {
    let header = try IDXHeader(FileContents(name: name, bytes: bytes))
    self.name = name
    self.shape = header.shape
    self.values = bytes[header.start...]
  }

  /// Reads an array from a file, gzipped or not.
  ///
  /// - Throws: `DatasetError` of kind `.unreadable`, `.compression`, `.tooLarge` or `.format`.
  public init(contentsOf path: String) throws(DatasetError) {
    let file = try DatasetError.converting { () throws(ArchiveError) in
      try FileContents(inflating: path)
    }
    try self.init(file.bytes, named: file.name)
  }
}

/// The header of an IDX file: the extents, and where the values begin.
struct IDXHeader {
  let shape: Shape
  let start: Int

  /// Reads the header, and makes sure that as many values follow as it says.
  init(_ source: some ByteSource) throws(DatasetError) {
    let name = source.name
    let bytes = try DatasetError.converting { () throws(ArchiveError) in
      try source.bytes(at: 0..<4 + 4 * 255)
    }
    guard bytes.count >= 4 else {
      throw DatasetError(
        .format, in: name, at: bytes.count, "ends within the magic number, expected an IDX file")
    }
    guard bytes[0] == 0 && bytes[1] == 0 else {
      try DatasetError.refuseStandIn(bytes, in: name, expected: "an IDX file")
      throw DatasetError(
        .format, in: name, at: 0,
        "found \(hex(bytes[0])) \(hex(bytes[1])), expected 00 00, the start of an IDX file")
    }
    guard bytes[2] == 8 else {
      throw DatasetError(
        .format, in: name, at: 2, "found type \(hex(bytes[2])), expected 08, unsigned bytes")
    }
    let rank = Int(bytes[3])
    guard rank > 0 else {
      throw DatasetError(.format, in: name, at: 3, "found rank 0, expected at least 1")
    }
    let start = 4 + 4 * rank
    guard bytes.count >= start else {
      throw DatasetError(
        .format, in: name, at: bytes.count,
        "ends within the extents, expected \(rank) of 4 bytes each")
    }
    let extents = stride(from: 4, to: start, by: 4).map { place in
      bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let held = source.count - start
    let written = extents.map(String.init).joined(separator: "x")
    guard let expected = extents.product, expected <= held else {
      throw DatasetError(
        .format, in: name, at: 4,
        "the extents \(written) need more bytes than the \(held) that follow them")
    }
    guard expected == held else {
      throw DatasetError(
        .format, in: name, at: start + expected,
        "\(held - expected) bytes follow the values, expected the end after \(written) values")
    }
    self.shape = Shape(extents)
    self.start = start
  }
}

/// A byte as two hexadecimal digits.
private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count == 1 ? "0" + digits : digits
}

extension Dataset {
  /// Joins an array of images and an array of labels, one for each image.
  ///
  /// Images are N x H x W, which makes examples of shape 1 x H x W, or N x C x H x W, or N x D.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - images: The images, at least one.
  ///   - labels: The labels, of rank 1.
  ///   - classNames: The names of the classes; by default the numbers from 0 to the largest label, and
  ///     at least two.
  /// - Throws: `DatasetError` of kind `.content` if the arrays do not serve or do not belong together.
  public init(
    name: String, images: IDX, labels: IDX, classNames: [String]? = nil
  ) throws(DatasetError) {
    try self.init(
      name: name, shape: images.shape, imagesName: images.name, labels: labels,
      classNames: classNames, options: DataOptions()
    ) { _ in .bytes(images.values, .unit) }
  }

  /// Joins a file of images, which are read when they are asked for, and a file of labels.
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  init(
    name: String, images path: String, labels: String, options: DataOptions
  ) throws(DatasetError) {
    let source = try DatasetError.converting { () throws(ArchiveError) in
      try ByteSources.open(path)
    }
    let header = try IDXHeader(source)
    try self.init(
      name: name, shape: header.shape, imagesName: source.name,
      labels: IDX(contentsOf: labels),
      classNames: options.classNames.isEmpty ? nil : options.classNames, options: options
    ) { size in
      .source(
        RecordExamples(
          source: source, start: header.start, distance: size, exampleCount: header.shape[0],
          exampleSize: size, levels: options.levels))
    }
  }

  private init(
    name: String, shape: Shape, imagesName: String, labels: IDX, classNames: [String]?,
    options: DataOptions, storage: (Int) -> Storage
  ) throws(DatasetError) {
    guard 2...4 ~= shape.rank else {
      throw DatasetError(
        .content, in: imagesName, at: 3,
        "found rank \(shape.rank), expected images of rank 2 to 4")
    }
    guard shape.count > 0 else {
      throw DatasetError(
        .content, in: imagesName, at: 4,
        "the extents are \(shape), expected at least one image and one pixel")
    }
    guard labels.shape.rank == 1 else {
      throw DatasetError(
        .content, in: labels.name, at: 3,
        "found rank \(labels.shape.rank), expected labels of rank 1")
    }
    guard labels.shape[0] == shape[0] else {
      throw DatasetError(
        .content, in: labels.name, at: 4,
        "found \(labels.shape[0]) labels, expected \(shape[0]), one for each image of"
          + " \(imagesName)")
    }
    let largest = Int(labels.values.max() ?? 0)
    let classNames = classNames ?? (0...max(1, largest)).map(String.init)
    guard largest < classNames.count else {
      throw DatasetError(
        .content, in: labels.name,
        "found the label \(largest), expected labels below \(classNames.count)")
    }
    let example = shape.droppingFirst
    self.init(
      name: name, exampleShape: example.rank == 2 ? example.prepending(1) : example,
      storage: storage(example.count), labels: labels.values.map(Int.init),
      classNames: classNames, bounds: options.levels.bounds)
  }
}
