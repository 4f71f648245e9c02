import Archives
import Files
import Tensors

/// The storages of a checkpoint: arrays of numbers of which tensors are views.
struct TorchStorages {
  /// One storage as floats.
  private var floats: [String: (type: ScalarType, values: [Float])] = [:]
  private let file: String
  /// The bytes of a storage by its key.
  private let load: (String) throws -> ArraySlice<UInt8>
  /// Views that were made, so that shared tensors stay shared.
  private var views: [View: Tensor<Float>] = [:]
  /// Numbers in views and in the storages below them.
  private var viewed = 0
  private var stored = 0

  /// A tensor as a part of a storage.
  struct View: Hashable {
    var storage: String
    var type: ScalarType
    /// The number of the storage's numbers, as the pickle says.
    var count: Int
    var offset: Int
    var extents: [Int]
    var strides: [Int]
  }

  init(file: String, load: @escaping (String) throws -> ArraySlice<UInt8>) {
    self.file = file
    self.load = load
  }

  private func failure(_ message: String) -> NetworkError { .file(file, message) }

  /// The values of a view in row-major order.
  ///
  /// - Throws: `NetworkError.file` if the view reaches beyond its storage.
  mutating func tensor(_ view: View, named name: String) throws -> Tensor<Float> {
    if let known = views[view] { return known }
    let values = try values(view.storage, view.type, count: view.count, for: name)
    guard view.extents.count == view.strides.count, view.extents.count <= 64 else {
      throw failure("\(name): \(view.extents.count) extents and \(view.strides.count) strides")
    }
    var count = 1
    var last = view.offset
    var isOverflow = false
    for (extent, stride) in zip(view.extents, view.strides) {
      let product = count.multipliedReportingOverflow(by: max(extent, 1))
      let reach = (max(extent, 1) - 1).multipliedReportingOverflow(by: stride)
      let sum = last.addingReportingOverflow(reach.partialValue)
      isOverflow = isOverflow || product.overflow || reach.overflow || sum.overflow
      (count, last) = (product.partialValue, sum.partialValue)
    }
    let shape = Shape(view.extents)
    if !isOverflow, view.extents.contains(0) {
      return Tensor([], shape: shape)
    }
    guard !isOverflow, last < values.count else {
      throw failure(
        "\(name): the shape \(shape) with strides \(view.strides) from \(view.offset) on reaches beyond"
          + " its storage of \(values.count) numbers")
    }
    viewed += count
    // Views of everything several times over are honest; thousands of them are not.
    guard viewed <= 4 * stored + (1 << 20) else {
      throw failure("\(name): tensors repeat their storages more than the file's size allows")
    }
    let tensor = gather(values, view, shape, count)
    views[view] = tensor
    return tensor
  }

  private func gather(_ values: [Float], _ view: View, _ shape: Shape, _ count: Int) -> Tensor<
    Float
  > {
    if view.strides == shape.strides {
      if view.offset == 0, count == values.count { return Tensor(values, shape: shape) }
      return Tensor(Array(values[view.offset..<view.offset + count]), shape: shape)
    }
    var place = view.offset
    var position = [Int](repeating: 0, count: shape.rank)
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      result.append(values[place])
      for axis in position.indices.reversed() {
        position[axis] += 1
        place += view.strides[axis]
        if position[axis] < view.extents[axis] { break }
        place -= view.strides[axis] * view.extents[axis]
        position[axis] = 0
      }
    }
    return Tensor(result, shape: shape)
  }

  private mutating func values(
    _ key: String, _ type: ScalarType, count: Int, for name: String
  ) throws -> [Float] {
    if let known = floats[key] {
      guard known.type == type, known.values.count >= count else {
        throw failure("\(name): its storage \(key) is described in two ways")
      }
      return known.values
    }
    let bytes = try load(key)
    let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
    guard !overflow, size <= bytes.count else {
      throw failure(
        "\(name): its storage \(key) has \(bytes.count) bytes; expected \(count) numbers of \(type.dtype)"
      )
    }
    guard MemoryRoom.has(4 * count) else {
      throw failure("\(name): the \(count) numbers of its storage do not fit into memory")
    }
    let values = type.floats(in: bytes.prefix(size))
    floats[key] = (type, values)
    stored += values.count
    return values
  }
}

/// The archive of a checkpoint: a pickle, and each storage as an entry of its own.
struct TorchArchive: Sendable {
  /// The most bytes that may come out of it at once.
  let limit: Int

  private let archive: ZipArchive
  private let folder: String
  private let entries: [String: ZipArchive.Entry]

  /// Finds the checkpoint in an archive.
  ///
  /// - Parameters:
  ///   - archive: The archive.
  ///   - size: Its size in bytes.
  /// - Throws: `NetworkError.file` if there is none, or it is more than one; `ArchiveError`.
  init(_ archive: ZipArchive, size: Int) throws {
    var entries: [String: ZipArchive.Entry] = [:]
    for entry in archive.entries { entries[entry.name] = entry }
    if let kind = ForeignFile(archive: archive.entries.map(\.name)) {
      throw NetworkError.file(archive.name, "is \(kind.sentence(archive.name))")
    }
    guard let root = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
      throw NetworkError.file(
        archive.name, "is a ZIP archive without PyTorch's data.pkl; \(ModelFormat.expectation)")
    }
    self.archive = archive
    self.entries = entries
    folder = String(root.name.dropLast("data.pkl".count))
    // Tensors hardly compress; what grows tenfold is a bomb, be it one entry or many over the same bytes.
    limit = 8 * size + (1 << 20)
    var rest = limit
    if entries[folder + "byteorder"] != nil,
      String(decoding: try contents("byteorder", rest: &rest), as: UTF8.self) != "little"
    {
      throw NetworkError.file(archive.name, "numbers are big-endian; expected little-endian ones")
    }
  }

  /// The bytes of an entry, which are taken off what may still come out.
  func contents(_ name: String, rest: inout Int) throws -> [UInt8] {
    guard let entry = entries[folder + name] else {
      throw NetworkError.file(archive.name, "\(folder)\(name) is missing from the archive")
    }
    let bytes = try archive.contents(of: entry, limit: rest)
    rest -= bytes.count
    return bytes
  }
}
