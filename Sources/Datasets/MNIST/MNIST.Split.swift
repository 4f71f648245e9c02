extension MNIST {
  /// A part of the database that is used as a whole.
  public enum Split: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// The 60,000 examples for training.
    case train
    /// The 10,000 examples for testing.
    case test

    /// The name on the command line, `train` or `test`.
    public var description: String { rawValue }
  }
}
