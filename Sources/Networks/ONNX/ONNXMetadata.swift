import Tensors

/// What Gibbon writes into a file's metadata, so that it need not be told again.
enum ONNXMetadata {
  static let architecture = prefix + "architecture"
  private static let prefix = "gibbon."

  /// The entries that describe a network.
  static func entries(of network: Network) -> [String: String] {
    var entries = [architecture: network.architecture]
    for (key, value) in network.input.metadata { entries[prefix + key] = value }
    return entries
  }

  /// What a file's metadata say of the input; what they do not say is as usual.
  ///
  /// - Throws: `ONNXError` if an entry is malformed.
  static func input(
    of metadata: [String: String], shape: Shape, file: String
  ) throws(ONNXError) -> InputDescription {
    var entries: [String: String] = [:]
    for (key, value) in metadata where key.hasPrefix(prefix) {
      entries[String(key.dropFirst(prefix.count))] = value
    }
    do {
      return try InputDescription(metadata: entries, shape: shape)
    } catch {
      throw ONNXError(file: file, place: "metadata", problem: error.description)
    }
  }
}
