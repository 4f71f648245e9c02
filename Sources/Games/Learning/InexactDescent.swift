/// Gradient descent that stops where a step lowers the loss by less than a tolerance: a learner that is not exact.
///
/// It is the learner of the published experiment on credit data (https://github.com/zykls/performative-prediction, as
/// it is there: steps of one over the smoothness, a tenth of that where the loss rose, and in the loss that decides
/// when to stop the length of the weights instead of its square). On badly scaled rows it stops far from the minimum,
/// which looks like slow convergence, or divergence, of what is trained again and again by it.
public struct InexactDescent: Sendable, Hashable {
  /// The loss decrease below which it stops.
  public var tolerance = 1e-7
  /// The most steps; the published learner has no such limit.
  public var mostSteps = 20_000

  /// Creates the published learner.
  public init() {}

  /// Descends from zero.
  ///
  /// - Parameters:
  ///   - regression: The loss.
  ///   - rows: The rows.
  ///   - shift: How all rows are moved.
  /// - Returns: The weights where it stopped, and the number of steps.
  public func descend(
    _ regression: LogisticRegression, on rows: LabeledRows, shift: LogisticRegression.Shift
  ) -> (weights: [Double], steps: Int) {
    let whole = 1 / regression.smoothness(on: rows, shift: shift)
    var theta = [Double](repeating: 0, count: rows.width)
    var here = regression.local(theta, on: rows, [shift], curvature: false)
    var before = here.value
    var (step, gap, steps) = (whole, Double.infinity, 0)
    while gap > tolerance, steps < mostSteps {
      steps += 1
      let next = theta.plus(here.gradient, times: -step)
      let there = regression.local(next, on: rows, [shift], curvature: false)
      let weights = regression.penalizesBias ? next : Array(next.dropLast())
      let length = weights.norm
      let loss = there.value + regression.penalty / 2 * (length - length * length)
      if loss > before {
        step *= 0.1
        gap = .infinity
        continue
      }
      step = whole
      theta = next
      here = there
      gap = before - loss
      before = loss
    }
    return (theta, steps)
  }
}
