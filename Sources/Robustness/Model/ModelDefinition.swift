public import Networks
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

extension NetworkDefinition: ModelDefinition {}
