public import Models
public import Tensors

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
  /// Without an adversarial example it may be above zero, by no more than rounding can do.
  public let margin: Double

  /// The verified adversarial example; `nil` if none was found or none was needed.
  public let adversarialExample: AdversarialExample?

  /// For a goal with a confidence that was not reached: the verified point of the largest margin, where the goal without
  /// the confidence is reached there; its own margin is that of the latter.
  public let lessSure: AdversarialExample?

  /// Which of the alternatives of a threat, from 0, allows it; `nil` if none was found or there is no choice.
  public let alternative: Int?

  /// The nearest verified point at which the goal is reached, inside the threat or not; `nil` if none was found,
  /// none is needed, or the attack does not look for it.
  public let nearest: AdversarialExample?

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
  public var robust: Bool { cleanMargin <= 0 && adversarialExample == nil }
}

/// Why an attack did not do its work on one example.
///
/// The rest of the outcome stands all the same.
public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
  /// It threw; the text describes the error.
  case threw(String)
  /// It neither asked the model nor returned for as long as the runner waits.
  case stalled
  /// It asked for more passes than it declares.
  case overBudget(Passes)
  /// It asked for more than it declares, or than the model reveals.
  case notRevealed(Knowledge)
  /// It returned a point with NaN.
  case notANumber
  /// It returned or asked about a point of a wrong shape.
  case wrongShape(given: Shape, expected: Shape)
  /// It returned a point outside the threat.
  case outside
  /// It was not run, because it had stalled on too many examples before this one.
  case notAttempted

  /// One line that says what went wrong.
  public var description: String {
    switch self {
    case .threw(let error): "the attack threw: \(error)"
    case .stalled: "the attack stalled"
    case .overBudget(let budget):
      "the attack used more than the \(budget.forward) forward and \(budget.backward) backward passes it declares"
    case .notRevealed(let knowledge):
      "the attack asked for \(knowledge), which the model does not reveal"
    case .notANumber: "the attack returned a point that is not a number"
    case .wrongShape(let given, let expected):
      "the attack returned a point of shape \(given); expected \(expected)"
    case .outside: "the attack returned a point outside the threat"
    case .notAttempted: "not attempted: the attack stalled on too many examples"
    }
  }
}

/// The input that an attack leaves for training: inside the threat, not verified to be anything
/// else.
public struct TrainingInput: Sendable, Hashable, Codable {
  /// The position of the example in its data set.
  public let index: Int

  /// The perturbed input x'; the example itself if the attack failed.
  public let input: Tensor<Float>

  /// The passes spent.
  public let passes: Passes

  /// Why the attack did not finish; `nil` if it did.
  public let failure: Failure?
}
