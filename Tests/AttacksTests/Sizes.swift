import Robustness
import Tensors

/// Sizes of changes, by definition.
enum Sizes {
  /// The size of a change.
  static func size(of moves: [Double], _ norm: Norm, shape: Shape) -> Double {
    switch norm {
    case .infinity: return moves.map(abs).max() ?? 0
    case .two: return moves.map { $0 * $0 }.reduce(0, +).squareRoot()
    case .one: return moves.map(abs).reduce(0, +)
    case .zero:
      let pixels = shape.rank == 3 ? shape.extents[1] * shape.extents[2] : moves.count
      return Double(Set(moves.indices.filter { moves[$0] != 0 }.map { $0 % pixels }).count)
    }
  }

  /// A radius that is about as large in its norm as a small L2 radius of an example with some twenty values.
  static func radius(_ radius: Double, _ norm: Norm) -> Double {
    switch norm {
    case .infinity, .two: radius
    case .one: 3 * radius
    case .zero: radius < 0.1 ? 1 : (4 * radius).rounded()
    }
  }
}
