import Archives
import Datasets
import Files
import Foundation
import Images
import Networks
import Pickles
import Tensors
import TestSupport
import Testing

/// Small files that are made to break readers; see Scripts/hostile_fixtures.py.
///
/// Each is refused by a typed error of one line that names it. Those whose names begin with `honest-` only look
/// hostile, and are read.
@Suite struct HostileFileTests {
  /// What reads the files of each folder, to the end of all that they hold.
  static let readers: [String: @Sendable (_ path: String) throws -> Void] = [
    "gzip": { _ = try FileContents(path: $0).uncompressed(limit: 1 << 20) },
    "zip": { path in
      let archive = try ZipArchive(path: path)
      for entry in archive.entries { _ = try archive.contents(of: entry, limit: 1 << 20) }
    },
    "npy": { path in
      let array = try NPYArray(path: path)
      _ = try array.tensor()
      _ = try array.integers()
    },
    "npz": { try read(Dataset(name: $0, npz: NPZ(path: $0))) },
    "csv": { try read(Dataset(name: $0, csv: $0, options: DataOptions())) },
    "idx": { _ = try IDX(Data(contentsOf: URL(filePath: $0)).map { $0 }, named: $0) },
    "cifar": { try read(CIFAR.ten.load(file: $0)) },
    "png": { _ = try ImageFile.read($0) },
    "jpeg": { _ = try ImageFile.read($0) },
    "pickle": { path in
      let pickle = try Pickle(
        WholeFile.read(path)[...], name: path,
        allowing: PickleGlobal.containers.union(PickleGlobal.arrays))
      for entry in pickle.entries(of: pickle.root) ?? [] { _ = pickle.text(of: entry.key) }
    },
    "pytorch": { path in
      _ = try StateDict(pyTorch: path)
      _ = try Checkpoint(pyTorch: path).architectures()
    },
    "shards": { _ = try TensorFile(path: $0) },
    "safetensors": { path in
      let file = try SafeTensorsFile(path: path)
      if InputDescription.isDescribed(by: file.metadata) {
        _ = try InputDescription(metadata: file.metadata, shape: [3, 32, 32])
      }
    },
    "onnx": { _ = try ONNXFile(path: $0) },
  ]

  private static func read(_ data: Dataset) throws {
    for position in 0..<min(data.count, 10) { _ = try data.image(at: position) }
  }

  /// The errors that readers of files may throw.
  private static func isTyped(_ error: any Error) -> Bool {
    error is ArchiveError || error is DatasetError || error is ImageError || error is PickleError
      || error is NetworkError || error is SafeTensorsError || error is ONNXError
      || error is FileError
  }

  @Test("every format has its hostile files")
  func corpus() throws {
    let folders = try Folder.names(in: Fixtures.path("hostile"))
    #expect(Set(folders) == Set(HostileFileTests.readers.keys))
    for folder in folders {
      #expect(try Fixtures.paths(in: "hostile/\(folder)").count >= 3, "\(folder)")
    }
  }

  @Test(arguments: readers.keys.sorted())
  func isRefusedByATypedError(format: String) throws {
    let reader = try #require(HostileFileTests.readers[format])
    for path in try Fixtures.paths(in: "hostile/\(format)") {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let seconds = ProcessorTime.seconds {
        do {
          try reader(path)
          #expect(name.hasPrefix("honest-"), "\(format)/\(name) was read")
        } catch {
          #expect(!name.hasPrefix("honest-"), "\(format)/\(name): \(error)")
          #expect(HostileFileTests.isTyped(error), "\(format)/\(name): \(type(of: error))")
          #expect("\(error)".contains(name), "\(format)/\(name): \(error)")
          #expect(!"\(error)".contains("\n"), "\(format)/\(name): \(error)")
        }
      }
      #expect(seconds < 10, "\(format)/\(name) took \(seconds) s")
    }
  }
}
