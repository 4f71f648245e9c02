/// What results' last bits depend on besides the program: processor, threads and library.
public struct Machine: Hashable, Codable, Sendable {
  /// The processor's name and which of its instructions are used.
  public let processor: String
  /// Threads that share a kernel's work.
  public let threads: Int
  /// Name and version of the library of kernels.
  public let library: String

  /// Creates a description.
  public init(processor: String, threads: Int, library: String) {
    self.processor = processor
    self.threads = threads
    self.library = library
  }
}

/// What computed a model's outputs, so that a record can name it.
public struct Computation: Hashable, Sendable {
  /// Where it was computed.
  public let machine: Machine
  /// The names of the algorithms used so far, by the layers' descriptions.
  public let algorithms: [String: String]

  /// Creates a record.
  public init(on machine: Machine, algorithms: [String: String]) {
    self.machine = machine
    self.algorithms = algorithms
  }
}

extension Computation: Codable {
  private enum CodingKeys: String, CodingKey { case algorithms }

  /// Reads one object, as records have it.
  public init(from decoder: any Decoder) throws {
    machine = try Machine(from: decoder)
    algorithms = try decoder.container(keyedBy: CodingKeys.self)
      .decode([String: String].self, forKey: .algorithms)
  }

  /// Writes one object, as records have it.
  public func encode(to encoder: any Encoder) throws {
    try machine.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(algorithms, forKey: .algorithms)
  }
}
