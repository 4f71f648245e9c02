/// A threat as the command line names it: `linf:0.3`, `linf:8/255`, `l2:0.5`, `l1:12`, `l0:20`.
public struct ThreatReference: Sendable, Hashable, CustomStringConvertible {
  /// The norm.
  public let norm: Norm

  /// The radius, finite and not negative.
  public let radius: Double

  /// The radius as it was written.
  private let text: String

  /// Reads a threat.
  ///
  /// - Parameter reference: The name of a norm, a colon and a radius: a number or a fraction.
  /// - Throws: `ThreatReferenceError` with one line that says what was given and what is expected.
  public init(_ reference: String) throws(ThreatReferenceError) {
    if reference.contains("+") && !reference.contains("e+") || reference.contains("|") {
      throw .unsupported(reference, "threats joined with + or |")
    }
    guard let colon = reference.firstIndex(of: ":") else { throw .form(reference) }
    let name = String(reference[..<colon])
    let text = String(reference[reference.index(after: colon)...])
    guard let norm = Norm(rawValue: name) else {
      if ["rotation", "shift"].contains(name) {
        throw .unsupported(reference, "the threat '\(name)'")
      }
      throw .form(reference)
    }
    guard let radius = ThreatReference.number(text), radius.isFinite, radius >= 0 else {
      throw .radius(reference, text)
    }
    self.norm = norm
    self.radius = radius
    self.text = text
  }

  /// The ball of this threat for data with the given bounds.
  public func ball(bounds: Bounds = .unit, mask: [Bool]? = nil) throws(ThreatError) -> Ball {
    try Ball(norm, radius: radius, bounds: bounds, mask: mask)
  }

  /// The text that reads back as this threat.
  public var description: String { "\(norm.rawValue):\(text)" }

  private static func number(_ text: String) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let numerator = parts.first.flatMap({ Double(String($0)) }) else { return nil }
    switch parts.count {
    case 1: return numerator
    case 2: return Double(String(parts[1])).map { numerator / $0 }
    default: return nil
    }
  }
}
