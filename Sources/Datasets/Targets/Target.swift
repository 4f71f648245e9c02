/// What an example is known to be: its class, the labels that apply to it, or the numbers to be predicted.
public enum Target: Hashable, Sendable {
  /// The number of its class, from 0.
  case label(Int)
  /// For each of several labels, whether it applies.
  case labels([Bool])
  /// The numbers that a regression is to give, one for each output.
  case numbers([Float])

  /// The class; `nil` if the target is something else.
  public var label: Int? { if case .label(let label) = self { label } else { nil } }
}
