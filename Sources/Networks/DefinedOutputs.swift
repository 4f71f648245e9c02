/// The outputs of a network at one input, computed by its definition in more than one way.
public struct DefinedOutputs: Sendable, Hashable {
  /// In double precision.
  public let precise: [Double]
  /// In single precision, with long sums added in other orders than the engine's.
  public let reordered: [[Float]]

  /// Creates outputs.
  public init(precise: [Double], reordered: [[Float]]) {
    self.precise = precise
    self.reordered = reordered
  }
}
