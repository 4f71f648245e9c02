public import Tensors

/// A second way to compute a model's outputs, beside the one that runs: in double precision, and in single precision
/// in other orders of summation.
///
/// The shell asks it about changes near the boundary alone, from several threads at once.
public protocol ModelDefinition: Sendable {
  /// The outputs at an input.
  func outputs(of example: Tensor<Float>) throws -> DefinedOutputs

  /// How far outputs in single precision may be from exact ones, relative to the largest, with room to spare; the same
  /// whenever it is asked for.
  func rounding() throws -> Double
}

/// The outputs of a model at one input, computed by its definition in more than one way.
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
