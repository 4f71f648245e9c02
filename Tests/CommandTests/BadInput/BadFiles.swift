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
    for (name, text) in games { try folder.write(text.utf8, to: name) }
    return folder
  }

  /// Payoffs, people and costs with a mistake each.
  private static let games = [
    "ragged.csv": "1,2,3\n4,5\n6,7,8\n", "nan.csv": "1,2\n3,NaN\n", "texts.csv": "1,2\n3,many\n",
    "one-column.csv": "1\n2\n3\n", "one-row.csv": "1,2,3\n", "wide.csv": "1,2,3\n4,5,6\n",
    "square.csv": "1,2\n3,5\n",
    "people.csv": "income,job,good\n1,a,no\n2,b,yes\n3,a,yes\n4,b,no\n5,a,yes\n6,b,no\n",
    "three.csv": "income,good\n1,a\n2,b\n3,c\n4,a\n",
    "constant.csv": "income,age,good\n1,5,0\n1,6,1\n1,7,1\n1,8,0\n",
    "holes.csv": "income,age,good\n1,,0\n,6,1\n,7,1\n1,,0\n",
    "costs.csv": "feature,price,change\nincome,1,up\njob,2,any\n",
    "unknown-costs.csv": "feature,price,change\nincom,1,up\n",
    "ordered-costs.csv": "feature,price,change\nincome,1,up\njob,2,down\n",
    "negative-costs.csv": "feature,price,change\nincome,-1,up\n",
    "sideways-costs.csv": "feature,price,change\nincome,1,sideways\n",
    "priceless-costs.csv": "feature,change\nincome,up\n",
    "no-costs.csv": "feature,price,change\nincome,1,never\n",
    "labels.txt": "ham\thello there\njunk\tfree cash\n",
    "twice-costs.csv": "feature,price,change\nincome,1,up\nincome,2,up\n",
  ]

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
