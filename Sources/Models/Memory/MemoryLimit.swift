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
}

/// An error that may say that something does not fit in memory, so that a smaller batch is worth a try.
public protocol MemoryError: Error {
  /// The bytes that were needed at least and those that were available; `nil` where the error is about something else.
  var shortage: (needed: Int, available: Int)? { get }
}
