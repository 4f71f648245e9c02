import Graphs
import Tensors
import Networks
import Datasets
import Files
import Crypto

/// SHA-256 digests that say what a result is about.
package enum Digests {
  /// The digest of a file's bytes, as `sha256sum` prints it.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  static func file(_ path: String) throws -> String {
    let file = try RandomAccessFile(path: path)
    var hasher = SHA256()
    let piece = 1 << 22
    for start in stride(from: 0, to: file.count, by: piece) {
      hasher.update(data: try file.bytes(at: start..<start + piece))
    }
    return String(hexadecimal: hasher.finalize())
  }

  /// The digest of a network as it is computed: its form, what its input means, and the name, shape and values of each
  /// parameter.
  static func network(_ network: Network) -> String {
    var hasher = SHA256()
    func add(_ text: String) { hasher.update(data: Array(text.utf8)) }
    add("\(network.architecture) \(network.graph.nodes.count) \(network.input)\n")
    for name in network.parameterNames {
      guard let tensor = network.parameters[name] else { continue }
      add("\(name) \(tensor.shape)\n")
      tensor.withUnsafeScalars { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    return String(hexadecimal: hasher.finalize())
  }

  /// The digest of examples as the model gets them: for each its shape as text, a line feed, its values as little-endian
  /// 32-bit floats, its target as text and a line feed.
  ///
  /// - Throws: What reading the examples throws.
  static func data(_ data: Dataset) throws -> String {
    var hasher = SHA256()
    for position in 0..<data.count {
      try Task.checkCancellation()
      let example = try data.example(at: position)
      hasher.update(data: Array("\(example.input.shape)\n".utf8))
      let bits = example.input.scalars.map(\.bitPattern.littleEndian)
      bits.withUnsafeBytes { hasher.update(bufferPointer: $0) }
      hasher.update(data: Array("\(text(example.target, data.isLabelled))\n".utf8))
    }
    return String(hexadecimal: hasher.finalize())
  }

  private static func text(_ target: Target, _ isLabelled: Bool) -> String {
    guard isLabelled else { return "" }
    return switch target {
    case .label(let label): "\(label)"
    case .labels(let labels): labels.map { $0 ? "1" : "0" }.joined(separator: " ")
    case .numbers(let numbers): numbers.map(\.description).joined(separator: " ")
    }
  }
}
