/// What came of one problem.
public struct Outcome: Sendable, Hashable {
  /// The position of the example in its data set.
  public let index: Int

  /// The true class; `nil` where there are no classes.
  public let label: Int?

  /// The label the model gives the example as it is; `nil` where there are no classes, or a NaN.
  public let prediction: Int?

  /// The margin of the goal at the example as it is: above zero if no attack is needed.
  public let cleanMargin: Double

  /// The largest margin seen inside the threat: a lower bound of what an adversary can do, nowhere
  /// below `cleanMargin`.
  ///
  /// Without a witness it may be above zero, by no more than rounding can do.
  public let margin: Double

  /// The verified adversarial example; `nil` if none was found or none was needed.
  public let witness: Witness?

  /// Which of the alternatives of a threat, from 0, allows the witness; `nil` without a witness or a choice.
  public let alternative: Int?

  /// The nearest verified point at which the goal is reached, inside the threat or not; `nil` if none was found,
  /// none is needed, or the attack does not look for it.
  public let nearest: Witness?

  /// The passes spent.
  public let passes: Passes

  /// The passes of each stage of a cascade, verification included; with the one for the example as it is they are
  /// `passes`.
  public let stagePasses: [Passes]

  /// Why the attack, or the last of a cascade that did not, did not finish; `nil` if all did.
  public let failure: Failure?

  /// Whether the goal is reached neither at the example nor at any point found.
  ///
  /// False also where the model's outputs are not numbers. With a `failure` it says less.
  public var robust: Bool { cleanMargin <= 0 && witness == nil }
}
