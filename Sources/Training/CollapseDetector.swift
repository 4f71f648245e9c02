/// What to do when training against a weak attack collapses.
public enum CollapseReaction: String, Sendable, Hashable, Codable, CaseIterable {
  /// End the training; the best epoch before is the result.
  case stop
  /// Go back to the parameters of the best epoch, forget what the optimiser remembers, and go on with the epochs that are
  /// left; after the third time, stop.
  case rewind
  /// Tell, and go on.
  case `continue`

  /// How often training goes back.
  static let largestCount = 3
}

/// Catastrophic overfitting in one epoch: the network has learnt to withstand one step, and several break it.
///
/// Wong, Rice and Kolter 2020, https://arxiv.org/abs/2001.03994; Andriushchenko and Flammarion 2020,
/// https://arxiv.org/abs/2007.02617.
public struct Collapse: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The epoch in which it happened, from 1.
  public let epoch: Int
  /// The share of the attacked examples that hold against one step.
  public let oneStep: Double
  /// The share that holds against several steps.
  public let severalSteps: Double
  /// The share that held against several steps in the best epoch before.
  public let before: Double

  private enum CodingKeys: String, CodingKey {
    case epoch
    case oneStep = "one_step"
    case severalSteps = "several_steps"
    case before
  }

  /// What happened and what helps, in one line.
  public var description: String {
    "catastrophic overfitting in epoch \(epoch): \(percent(oneStep)) hold against one step, but "
      + "\(percent(severalSteps)) against several (\(percent(before)) before); use gradalign or n-fgsm, more steps, "
      + "or a smaller radius"
  }

  private func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded()
    return "\(tenths / 10) %"
  }
}

/// Tells catastrophic overfitting from the ups and downs of training.
///
/// Accuracy against several steps has fallen by more than chance would have it, and accuracy against one step has not
/// fallen along: the gap between the two has grown as much. A gap of more than half of all examples is a collapse anyway,
/// unless it shrinks or the network gets better: sound trainings by one step begin so, too.
package struct CollapseDetector {
  /// The epoch with the best accuracy against several steps so far.
  private var best: Measurement?
  /// The epoch before.
  private var last: (robust: Double, gap: Double)?
  /// Whether the last epoch was a collapsed one, which is told once.
  private var isCollapsed = false

  /// The lead of accuracy against one step over that against several that no sound training keeps.
  private static let largestGap = 0.5

  /// Begins anew, or with what was measured in epochs before.
  package init(_ measurements: [Measurement?] = [], attacked count: Int = 0) {
    for measurement in measurements { _ = look(at: measurement, attacked: count, epoch: 0) }
  }

  /// The fall that counts among some attacked examples: ten points, or three standard deviations of the difference of two
  /// shares.
  package static func threshold(_ count: Int) -> Double {
    max(0.1, 3 * (0.5 / Double(max(count, 1))).squareRoot())
  }

  /// Looks at what an epoch came to; `nil` unless it collapsed, and the one before had not.
  package mutating func look(
    at measurement: Measurement?, attacked count: Int, epoch: Int
  ) -> Collapse? {
    guard let measurement, let robust = measurement.robust, let oneStep = measurement.oneStep else {
      return nil
    }
    let before = best?.robust ?? robust
    let gap = oneStep - robust
    let widening = gap - ((best?.oneStep ?? oneStep) - before)
    let threshold = CollapseDetector.threshold(count)
    // What never held against several steps cannot fall.
    let isNoBetter = last.map { robust <= $0.robust && gap >= $0.gap } ?? false
    let isStuck = gap > CollapseDetector.largestGap && (isCollapsed || isNoBetter)
    let hasCollapsed = before - robust > threshold && widening > threshold || isStuck
    last = (robust, gap)
    if best == nil || robust > before { best = measurement }
    defer { isCollapsed = hasCollapsed }
    guard hasCollapsed, !isCollapsed else { return nil }
    return Collapse(
      epoch: epoch, oneStep: oneStep, severalSteps: robust, before: before)
  }
}
