import Robustness
import Tensors

// The numbers that minimum-norm attacks change in the course of their steps, and the unit of their lengths.

/// Cosine annealing between two numbers.
enum Annealing {
  /// The number at a step, from `start` at the first to nearly `end` at the last.
  static func value(from start: Double, to end: Double, step: Int, of steps: Int) -> Double {
    end + (start - end) * (1 + Double.cos(Double.pi * Double(step) / Double(max(steps, 1)))) / 2
  }
}

/// The search of the smallest weight of the goal against the distance with which the goal is reached.
struct ConstantSearch {
  /// The constant to try.
  private(set) var constant: Double
  private var failing = 0.0
  private var sufficient = Double.infinity
  /// Whether the next constant between two is their geometric mean.
  private let isGeometric: Bool

  init(from constant: Double, isGeometric: Bool = false) {
    (self.constant, self.isGeometric) = (constant, isGeometric)
  }

  /// Goes on to ten times the constant until one suffices, then to one between the largest that fails and the
  /// smallest that suffices.
  mutating func note(isReached: Bool) {
    if isReached { sufficient = constant } else { failing = constant }
    if sufficient.isInfinite {
      constant *= 10
    } else if isGeometric {
      constant = (max(failing, 1e-3 * sufficient) * sufficient).squareRoot()
    } else {
      constant = (failing + sufficient) / 2
    }
  }
}

extension Box {
  /// The largest width of the box: the unit in which lengths are given that are written for data from 0 to 1.
  ///
  /// 1 where nothing may change or there are no bounds.
  var unit: Double {
    let width = (upper - lower).normInfinity
    return width > 0 && width < 1e30 ? width : 1
  }
}
