import Platform

/// Cosine annealing between two numbers.
enum Annealing {
  /// The number at a step, from `start` at the first to nearly `end` at the last.
  static func value(from start: Double, to end: Double, step: Int, of steps: Int) -> Double {
    end + (start - end) * (1 + cos(Double.pi * Double(step) / Double(max(steps, 1)))) / 2
  }
}
