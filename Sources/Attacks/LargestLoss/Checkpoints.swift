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

  /// Notes a step's loss and the best one so far.
  ///
  /// - Returns: Whether a checkpoint is reached and progress stalls.
  mutating func stalls(at loss: Double, best: Double) -> Bool {
    if loss > last { ascents += 1 }
    last = loss
    passed += 1
    guard passed == interval else { return false }
    let isStuck = !halvedAtLast && bestAtLast >= best
    halvedAtLast = 4 * ascents <= 3 * passed || isStuck
    bestAtLast = best
    (passed, ascents) = (0, 0)
    interval = max(interval - shrinkage, least)
    return halvedAtLast
  }
}
