import Archives
import CEmbedded
import Datasets
import Foundation
import Networks
import Tensors

/// Files that no command can work with, and one good pair.
enum BadFiles {
  private static let made = Swift.Result { try make() }

  /// The folder with the files, which no test writes to.
  static var folder: Folder { get throws { try made.get() } }

  private static func make() throws -> Folder {
    let folder = try Folder()
    let network = try Trained.network.folder.bytes("net.safetensors")
    try folder.write(network, to: "net.safetensors")
    // A file that a run would go on with is that run's alone.
    for name in ["small", "recipe", "finished"] {
      try folder.write(network, to: "of-\(name).safetensors")
    }
    try folder.write(network.dropLast(100), to: "truncated.safetensors")
    try folder.write(network.prefix(40), to: "header.safetensors")
    try folder.write([], to: "empty.safetensors")
    try folder.write("this is no network, whatever its name says".utf8, to: "garbage.safetensors")
    var file = try SafeTensorsFile(bytes: network, name: "net")
    // The format before checksums, which would refuse what follows as damaged.
    file.metadata["format"] = "gibbon-network-1"
    file.metadata["checksum"] = nil
    file.metadata["architecture"] = "mnist-small"
    try folder.write(file.encoded(), to: "other.safetensors")
    file.metadata["architecture"] = "mnist-large"
    try folder.write(file.encoded(), to: "unknown.safetensors")
    file.metadata["format"] = "gibbon-network-99"
    try folder.write(file.encoded(), to: "newer.safetensors")
    file.metadata = [:]
    try folder.write(file.encoded(), to: "bare.safetensors")
    try folder.write("onnx".utf8, to: "net.onnx")
    try FileManager.default.createDirectory(
      atPath: folder / "folder.safetensors", withIntermediateDirectories: false)

    try folder.write(idx([3, 28, 28], 3 * 784), to: "images")
    try folder.write(idx([3], 3), to: "labels")
    try folder.write(idx([2], 2), to: "two-labels")
    try folder.write(idx([3, 28, 28], 3 * 784).dropLast(5), to: "short-images")
    try folder.write(idx([3, 5, 5], 3 * 25), to: "small-images")
    try folder.write(idx([3], 2) + [12], to: "twelve-labels")
    try mnist(in: folder)
    return folder
  }

  private static func idx(_ extents: [UInt8], _ count: Int) -> [UInt8] {
    [0, 0, 8, UInt8(extents.count)] + extents.flatMap { [0, 0, 0, $0] }
      + (0..<count).map { _ in 1 }
  }

  /// The test split, whole but for a byte of the labels, and cut short.
  private static func mnist(in folder: Folder) throws {
    func bytes(_ file: EmbeddedFile) -> [UInt8] {
      Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    }
    var labels = try Gzip.decompress(
      bytes(.mnistTestLabels), named: "labels", limit: 1 << 20)
    labels[5000] ^= 1
    let images = bytes(.mnistTestImages)
    for (name, images) in [("altered", images), ("cut", images.dropLast(1000))] {
      try FileManager.default.createDirectory(
        atPath: folder / name, withIntermediateDirectories: false)
      try folder.write(images, to: name + "/t10k-images-idx3-ubyte.gz")
      try folder.write(labels, to: name + "/t10k-labels-idx1-ubyte")
    }
    try folder.write(images.prefix(3000), to: "cut-images.gz")
  }
}
