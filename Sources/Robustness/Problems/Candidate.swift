public import Tensors

/// What an attack returns: parameters it believes in.
///
/// The shell believes nothing.
public struct Candidate: Sendable, Hashable {
  /// The parameters: the perturbed input itself for a ball.
  public let z: Tensor<Float>

  /// Creates a candidate.
  public init(_ z: Tensor<Float>) { self.z = z }
}
