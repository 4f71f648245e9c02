import Tensors

/// The moves of Square attack in one norm.
protocol SquareProposals: Sendable {
  /// The point that proposals start from.
  var current: Tensor<Float> { get }

  /// Goes to the first point; `nil` where nothing may change.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>?

  /// A point that differs in a window of this share of the picture; `nil` if none was found that is worth a query.
  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>?

  /// Makes the last proposal the current point.
  mutating func accept()
}
