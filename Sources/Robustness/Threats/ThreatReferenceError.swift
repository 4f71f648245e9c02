/// Why a text names no threat.
public enum ThreatReferenceError: Error, Hashable, CustomStringConvertible {
  /// Not a known name, a colon and a radius.
  case form(String)
  /// A radius that is not a finite number or is negative: the reference and its radius.
  case radius(String, String)
  /// Something that is planned: the reference and the part.
  case unsupported(String, String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .form(let reference):
      "threat '\(reference)': expected NORM:RADIUS, such as linf:0.3, linf:8/255 or l2:0.5"
    case .radius(let reference, let radius):
      "threat '\(reference)': the radius '\(radius)' must be a finite number or fraction"
        + " that is not negative"
    case .unsupported(let reference, let part):
      "threat '\(reference)': \(part) is not supported yet"
    }
  }
}
