import Files

/// Why a text names no threat.
public enum ThreatReferenceError: Error, Hashable, CustomStringConvertible {
  /// Not names and amounts.
  case form(String)
  /// A name that there is not: the reference and the name.
  case name(String, String)
  /// An amount that is not a finite number or is negative: the reference and its amount.
  case radius(String, String, isRadius: Bool)
  /// A name without an amount among others: the reference and the name.
  case amount(String, String)
  /// A number of pixels that is not whole: the reference, its amount and the next smaller number.
  case pixels(String, String, fewer: Double)
  /// The size or the place of a patch.
  case patch(String)
  /// An amount that makes no sense: the reference and why.
  case threat(String, ThreatError)
  /// Not one ball, where one is needed.
  case notBall(String)
  /// Several terms, where one is needed.
  case parts(String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .form(let reference):
      "threat '\(reference)': expected NAME:AMOUNT, such as linf:0.3, linf:8/255, l2:0.5 or rotation:30, several"
        + " joined with + (one after the other) or | (either)"
    case .name(let reference, let name):
      "threat '\(reference)': there is no threat '\(name)'"
        + "\(name.suggestion(among: ThreatTerm.Kind.names)); there are "
        + ThreatTerm.Kind.names.joined(separator: ", ")
    case .radius(let reference, let amount, let isRadius):
      "threat '\(reference)': the \(isRadius ? "radius" : "amount") '\(amount)' must be a finite number or fraction"
        + " that is not negative"
    case .amount(let reference, let name):
      "threat '\(reference)': '\(name)' needs an amount beside other threats, such as \(name):1"
    case .pixels(let reference, let amount, let fewer):
      "threat '\(reference)': l0 counts the pixels that change, expected a whole number, not \(amount)"
        + (fewer < 1e15 ? "; l0:\(Int(fewer)) is as many as \(amount) allows" : "")
    case .patch(let reference):
      "threat '\(reference)': expected a patch such as patch:0.1 (a share of the area) or patch:5px (a side in"
        + " pixels, at least 1), with @ROW,COLUMN for a fixed place"
    case .threat(let reference, let error): "threat '\(reference)': \(error)"
    case .notBall(let reference):
      "threat '\(reference)': expected one ball, linf, l2, l1 or l0, with a radius"
    case .parts(let reference):
      "threat '\(reference)': expected a single threat, not several joined, where sizes differ from example to example"
    }
  }
}
