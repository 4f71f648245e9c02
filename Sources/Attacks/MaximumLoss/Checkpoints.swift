import Robustness
import Tensors

/// When an ascent should halve its steps: Croce and Hein's two conditions, looked at after 22 % of the steps and then
/// at intervals that shrink by 3 % of them down to 6 %.
struct Checkpoints {
  private let shrinkage: Int
  private let least: Int
  private var interval: Int
  private var passed = 0
  private var ascents = 0
  private var last: Double
  private var bestAtLast: Double
  private var halvedAtLast = true

  /// Begins at a start with this loss.
  init(steps: Int, loss: Double) {
    interval = max(22 * steps / 100, 1)
    least = max(6 * steps / 100, 1)
    shrinkage = max(3 * steps / 100, 1)
    last = loss
    bestAtLast = loss
  }

  /// Notes a step's loss.
  ///
  /// - Returns: Whether a checkpoint is reached, so that `stalls` must be asked.
  mutating func isReached(by loss: Double) -> Bool {
    if loss > last { ascents += 1 }
    last = loss
    passed += 1
    return passed == interval
  }

  /// Passes a checkpoint.
  ///
  /// - Parameter best: The best loss so far.
  /// - Returns: Whether progress stalls.
  mutating func stalls(best: Double) -> Bool {
    let isStuck = !halvedAtLast && bestAtLast >= best
    halvedAtLast = 4 * ascents <= 3 * passed || isStuck
    bestAtLast = best
    (passed, ascents) = (0, 0)
    interval = max(interval - shrinkage, least)
    return halvedAtLast
  }
}

/// A point of an ascent with what the model says of it.
struct Peak {
  let point: Tensor<Float>
  let gradient: Tensor<Float>
  let loss: Double
  let margin: Double
  let reachesGoal: Bool

  init(_ point: Tensor<Float>, _ answer: Answer) {
    self.point = point
    gradient = answer.gradient
    loss = answer.loss
    margin = answer.margin
    reachesGoal = answer.reachesGoal
  }

  /// Whether an answer has a larger loss; every number is larger than NaN.
  func isBelow(_ answer: Answer) -> Bool {
    answer.loss > loss || (loss.isNaN && !answer.loss.isNaN)
  }
}
