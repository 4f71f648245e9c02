import Corruptions
import Datasets
import Files
import Images
import Insight
import Settings
import Tensors

extension CorruptedDataStudy {
  /// How corrupted pictures are written.
  package enum Form: String, CaseIterable, Sendable {
    /// One archive of arrays `x` (N x C x H x W bytes), `y`, and `severity`.
    case npz
    /// As CIFAR-10-C is published: a file of N x H x W x C bytes for each corruption, severities one after the other,
    /// beside `labels.npy`.
    case npy
    /// As ImageNet-C is published: a folder of classes for each corruption and severity.
    case png
  }

  /// Makes sure that the pictures can be written so.
  ///
  /// - Throws: `StudyError` or `FileError`.
  package func check(_ form: Form, to path: String) throws {
    switch form {
    case .npz:
      guard grid.rows.count == 1 else {
        throw StudyError(
          "\(Setting.output) is '\(path)', an archive of one corruption, but there are \(grid.rows.count); expected a"
            + " folder")
      }
    case .npy, .png:
      if WholeFile.exists(path), !Folder.exists(path) {
        throw StudyError(
          "\(Setting.output) is '\(path)', which is a file; expected a folder, or a name that ends in .npz"
        )
      }
      guard form == .npy || data.isLabelled else {
        throw StudyError(
          "\(data.name) has no labels, which name the folders of pictures; expected \(Setting.form) npy"
        )
      }
    }
    guard data.targetKind == .classes else {
      throw StudyError(
        "\(data.name): each example has \(data.targetKind.words); expected classes, or no targets")
    }
  }

  /// Corrupts the pictures and writes them, each file whole or not at all.
  ///
  /// - Parameters:
  ///   - form: How.
  ///   - path: The file or the folder.
  ///   - observer: Told how far it has come.
  /// - Returns: The files, or of pictures the folders of classes, in their order.
  /// - Throws: `FileError`; `CancellationError` where the task is cancelled, which leaves whole files alone.
  package func write(
    as form: Form, to path: String, telling observer: Observer = .none
  ) async throws -> [String] {
    let line = observer.begin("corrupt", of: grid.cells.count * data.count, "pictures")
    defer { line.finish() }
    var done = 0
    func forEachPart(
      of cell: CorruptionGrid.Cell, _ use: (Range<Int>, [Tensor<Float>]) throws -> Void
    )
      async throws
    {
      for start in stride(from: 0, to: data.count, by: 512) {
        let positions = start..<min(start + 512, data.count)
        try use(positions, try await corruptor.pictures(of: data, at: positions, by: cell))
        done += positions.count
        line.show(done, detail: "\(cell)")
      }
    }
    var files: [String] = []
    if form != .npz { try Folder.create(path) }
    if form == .npy, data.isLabelled {
      // All corruptions have as many severities, but for those with one.
      for count in Set(grid.rows.map { cells(of: $0).count }).sorted(by: >) {
        let name = files.isEmpty ? "labels.npy" : "labels-\(count).npy"
        files.append("\(path)/\(name)")
        try AtomicFile.write(labels(times: count).bytes, to: "\(path)/\(name)")
      }
    }
    for row in grid.rows {
      let own = cells(of: row)
      switch form {
      case .npz, .npy:
        var values: [UInt8] = []
        values.reserveCapacity(own.count * data.count * corruptor.form.shape.count)
        for cell in own {
          try await forEachPart(of: cell) { _, pictures in
            for picture in pictures { values += levels(picture, isChannelsLast: form == .npy) }
          }
        }
        let file = form == .npz ? path : "\(path)/\(row.name).npy"
        let (shape, count) = (corruptor.form.shape, own.count * data.count)
        let extents: Shape =
          form == .npz
          ? shape.prepending(count) : [count, shape[1], shape[2], shape[0]]
        let array = NPYContents(values, shape: extents)
        values = []
        try AtomicFile.write(
          form == .npy ? array.bytes : try archive(array, own.map(\.severity)), to: file)
        files.append(file)
      case .png:
        for cell in own {
          let folder = "\(path)/\(row.name)/\(cell.severity)"
          try await forEachPart(of: cell) { positions, pictures in
            for (position, picture) in zip(positions, pictures) {
              try write(picture, at: position, in: folder)
            }
          }
          files.append(folder)
        }
      }
    }
    return files
  }

  private func cells(of row: CorruptionRow) -> [CorruptionGrid.Cell] {
    grid.cells.filter { $0.row.name == row.name }
  }

  private func labels(times: Int) -> NPYContents {
    let labels = (0..<times).flatMap { _ in data.labels(at: 0..<data.count) }
    return labels.allSatisfy { $0 < 256 }
      ? NPYContents(labels.map { UInt8($0) }, shape: [labels.count]) : NPYContents(labels)
  }

  private func archive(_ x: NPYContents, _ severities: [Int]) throws -> [UInt8] {
    let severity = NPYContents(
      severities.flatMap { [Int](repeating: $0, count: data.count) })
    return data.isLabelled
      ? try NPYContents.npz(["x": x, "y": labels(times: severities.count), "severity": severity])
      : try NPYContents.npz(["x": x, "severity": severity])
  }

  /// The bytes of a picture, plane after plane or pixel after pixel.
  private func levels(_ picture: Tensor<Float>, isChannelsLast: Bool) -> [UInt8] {
    let bytes = picture.scalars.map { UInt8($0 * 255 + 0.5) }
    guard isChannelsLast else { return bytes }
    let (channels, area) = (picture.shape[0], picture.shape.pixelCount)
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      for place in 0..<area {
        for channel in 0..<channels {
          buffer[place * channels + channel] = bytes[channel * area + place]
        }
      }
      count = bytes.count
    }
  }

  /// A PNG below the folder of its class, named by its index.
  private func write(_ picture: Tensor<Float>, at position: Int, in folder: String) throws {
    let label = data.label(at: position)
    let name = data.classNames.name(of: label)
    let isSafe = !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
    let place = "\(folder)/\(isSafe ? name : "\(label)")"
    try Folder.create(place)
    let digits = String(data.index(at: position))
    let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    let shape = picture.shape
    let bitmap = Bitmap(
      width: shape[2], height: shape[1], channels: shape[0] == 1 ? .grey : .rgb,
      planes: picture.scalars)
    try AtomicFile.write(try bitmap.png(), to: "\(place)/\(padded).png")
  }
}
