package import Robustness
package import Tensors

/// The points of a grid over the parameters of a threat: all combinations of evenly spread values of each.
package struct ParameterGrid: Sendable, Hashable {
  /// The values of each parameter, ascending; both ends of the threat are among them where there are several.
  package let axes: [[Float]]
  private let shape: Shape

  /// Creates a grid.
  ///
  /// - Parameters:
  ///   - region: The parameters open to the adversary.
  ///   - counts: The number of values of each; 1 for the middle alone.
  /// - Precondition: There is a count, at least 1, for each parameter.
  package init(of region: any FeasibleSet, counts: [Int]) {
    precondition(counts.count == region.center.count, "a grid of other parameters")
    shape = region.center.shape
    axes = counts.enumerated().map { place, count in
      let (lower, upper) = (region.hull.lower[place], region.hull.upper[place])
      guard count > 1, lower < upper else { return [region.center[place]] }
      return (0..<count).map { step in
        // Symmetric, so that the middle of an odd number is exactly none.
        let share = Float(2 * step - (count - 1)) / Float(count - 1)
        return (lower + upper) / 2 + share * (upper - lower) / 2
      }
    }
  }

  /// The number of points.
  package var count: Int { axes.reduce(1) { $0 * $1.count } }

  /// A point, the last parameter moving fastest.
  package func point(_ number: Int) -> Tensor<Float> {
    var rest = number
    var point = Tensor<Float>.zeros(shape)
    for (place, axis) in axes.enumerated().reversed() {
      point[place] = axis[rest % axis.count]
      rest /= axis.count
    }
    return point
  }

  /// The points at which all parameters but one are nearest to none, ascending in that one.
  package func line(along parameter: Int) -> [Int] {
    var strides = [Int](repeating: 1, count: axes.count)
    for place in (0..<axes.count).reversed().dropFirst() {
      strides[place] = strides[place + 1] * axes[place + 1].count
    }
    let start = axes.indices.filter { $0 != parameter }.reduce(0) { sum, place in
      let nearest = axes[place].indices.min { abs(axes[place][$0]) < abs(axes[place][$1]) } ?? 0
      return sum + nearest * strides[place]
    }
    return axes[parameter].indices.map { start + $0 * strides[parameter] }
  }
}
