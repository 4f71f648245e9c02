/// What the last bits of a model's outputs depend on besides the program, so that a record can name it.
public struct Computation: Hashable, Sendable {
  /// The processor's name and which of its instructions are used.
  public let processor: String
  /// Threads that share a kernel's work.
  public let threads: Int
  /// Name and version of the library of kernels.
  public let library: String
  /// The names of the algorithms used so far, by the layers' descriptions.
  public let algorithms: [String: String]

  /// Creates a record.
  public init(processor: String, threads: Int, library: String, algorithms: [String: String]) {
    self.processor = processor
    self.threads = threads
    self.library = library
    self.algorithms = algorithms
  }
}
