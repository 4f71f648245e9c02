import Files

/// How much memory there is for what a run allocates.
public struct MemoryLimit: Sendable {
  /// What the system leaves to this process: memory that is free or can be freed, within the limits of the process
  /// and of its control groups.
  public static let system = MemoryLimit { SystemMemory().available }

  private let measure: @Sendable () -> Int?

  /// Creates a limit.
  ///
  /// - Parameter measure: The bytes that may be allocated when it is called; `nil` if nobody knows.
  public init(_ measure: @escaping @Sendable () -> Int?) { self.measure = measure }

  /// The bytes that may be allocated now; `nil` if the system does not say.
  public var available: Int? { measure() }

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
