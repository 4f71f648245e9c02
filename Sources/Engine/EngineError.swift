import Files
public import Models

/// Why the engine cannot compile or run a graph.
public enum EngineError: Error, CustomStringConvertible {
  /// oneDNN refused a call.
  case library(call: String, status: Int)
  /// A tensor bound to a parameter has another shape than the graph says, or is missing.
  case parameter(name: String, expected: String, found: String)
  /// The record to be replayed has no algorithm for a layer, or one that cannot compute it.
  case algorithm(layer: String, expected: [String], found: String?)
  /// Something to be allocated does not fit in memory.
  case memory(purpose: String, needed: Int, available: Int)
  /// The installed oneDNN is older than the one that this build was made with, or of another major version.
  case version(found: String, expected: String)

  /// One line that says what failed.
  public var description: String {
    switch self {
    case .library(let call, let status):
      "oneDNN's \(call) failed with status \(status)"
    case .parameter(let name, let expected, let found):
      "parameter \"\(name)\" expects \(expected), found \(found)"
    case .algorithm(let layer, let expected, let found):
      "the recorded algorithms: expected \(expected.joined(separator: " or ")) for the layer "
        + "\"\(layer)\", found \(found ?? "none")"
    case .memory(let purpose, let needed, let available):
      "\(purpose) needs at least \(needed) bytes of memory, and \(available) are available"
    case .version(let found, let expected):
      "this build was made with oneDNN \(expected) and needs that or a later one of the same major "
        + "version, found \(found)"
    }
  }
}

extension EngineError: MemoryError {
  /// The bytes of `memory`.
  public var shortage: (needed: Int, available: Int)? {
    if case .memory(_, let needed, let available) = self { (needed, available) } else { nil }
  }
}

extension MemoryLimit {
  /// Sizes that are not worth a measurement.
  private static let negligible = 1 << 20

  /// Makes sure that an allocation fits.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes to be allocated.
  ///   - purpose: What for, such as "a pass of 128 examples".
  /// - Throws: `EngineError.memory` if there is less.
  package func require(
    _ byteCount: Int, for purpose: @autoclosure () -> String
  ) throws(EngineError) {
    guard byteCount > Self.negligible else { return }
    if let available, available < byteCount {
      throw .memory(purpose: purpose(), needed: byteCount, available: available)
    }
    guard MemoryRoom.has(byteCount) else {
      throw .memory(purpose: purpose(), needed: byteCount, available: available ?? 0)
    }
  }
}
