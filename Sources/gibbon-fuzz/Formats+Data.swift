import Archives
import Datasets
import Images
import Tensors

extension Format {
  /// Gzip and ZIP.
  static let archives = [
    Format(
      name: "gzip",
      seeds: { _ in [Format.gzip(Array("to be or not to be".utf8)), Format.gzip([])] },
      read: { bytes, path in _ = try FileContents(name: path, bytes: bytes).uncompressed() },
      long: { LongFile.members($0, of: Format.gzip([])) }),
    Format(
      name: "zip", seeds: { try $0.files("numpy", ".npz") },
      read: { bytes, path in
        let archive = try ZipArchive(bytes: bytes, name: path)
        for entry in archive.entries { _ = try archive.contents(of: entry, limit: 1 << 24) }
      }, long: { try LongFile.archives($0) }),
  ]

  /// Pictures.
  static let images = [
    Format(
      name: "png", seeds: { try $0.files("images", ".png") },
      read: { bytes, path in _ = try ImageFile.decode(bytes, name: path) }),
    Format(
      name: "jpeg", seeds: { try $0.files("images", ".jpg") },
      read: { bytes, path in _ = try ImageFile.decode(bytes, name: path) }),
  ]

  /// Data sets.
  static let data = [
    Format(
      name: "npy", seeds: { try $0.files("numpy", ".npy") },
      read: { bytes, path in
        let array = try NPYArray(FileContents(name: path, bytes: bytes))
        _ = try array.tensor()
        if array.type.kind != .float { _ = try array.integers() }
      }, long: { LongFile.arrays($0) }),
    Format(
      name: "npz", seeds: { try $0.files("numpy", ".npz") },
      read: { bytes, path in
        let data = try Dataset(name: path, npz: NPZ(bytes: bytes, name: path))
        for position in 0..<min(data.count, 10) { _ = try data.image(at: position) }
      }, long: { try LongFile.archives($0) }),
    Format(
      name: "idx",
      seeds: { _ in
        [
          [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(0..<12),
          [0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2],
        ]
      },
      read: { bytes, path in _ = try IDX(bytes, named: path) }, long: { LongFile.indices($0) }),
    Format(
      name: "cifar",
      seeds: { fixtures in
        let batches = try fixtures.files("cifar")
        return batches + [[3] + [UInt8](repeating: 7, count: 3072)]
      },
      read: { _, path in
        let data = try CIFAR.ten.load(file: path)
        for position in 0..<min(data.count, 10) { _ = try data.image(at: position) }
      }),
    Format(
      name: "csv",
      seeds: { _ in
        [
          Array("a,b,label\n1,2.5,0\n-3,4e1,2\n".utf8),
          Array("# a\nsep=;\n;a;1e3;label;\r0;1,5;-2;0;\r1;1.234,5;3;1;\r".utf8),
          Array("0 1 2\n0.5 1'000 -\n true 5% 2020-01-02\n".utf8),
          [0xFF, 0xFE] + Array("0,1,y\n1,2.5,0\n".utf8).flatMap { [$0, 0] },
          Array("\"a\"\"b\";\"b\nc\";label\r\n1;2.5;yes\r\n-3;4e1;no\r\n".utf8),
        ]
      },
      read: { _, path in
        _ = try Dataset(name: path, csv: path, options: DataOptions())
      }, long: { LongFile.tables($0) }),
  ]

  /// Gzip data of one member that stores the bytes as they are.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let count = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)]
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    let sum = (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> UInt32(8 * $0)) }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + count + count.map { ~$0 } + bytes + sum
      + count + [0, 0]
  }
}
