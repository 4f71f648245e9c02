import Files

/// A threat as the command line names it: `linf:8/255`, `rotation:30+shift:3`, `linf:0.3|l2:2`.
///
/// Names and amounts are joined with `+` (one after the other, from left to right) and `|` (either of them), of which
/// `+` binds more closely. A name without an amount, such as `l2`, is for searches of the smallest change.
public struct ThreatReference: Sendable, Hashable, CustomStringConvertible {
  /// The threats of which the adversary may choose one, each a row of terms that are applied one after the other.
  public let alternatives: [[ThreatTerm]]

  /// Reads a threat.
  ///
  /// - Throws: `ThreatReferenceError` with one line that says what was given and what is expected.
  public init(_ reference: String) throws(ThreatReferenceError) {
    var alternatives: [[ThreatTerm]] = []
    for alternative in reference.split(separator: "|", omittingEmptySubsequences: false) {
      var terms: [ThreatTerm] = []
      for term in ThreatReference.terms(of: alternative) {
        terms.append(try ThreatTerm(term, in: reference))
      }
      // One after the other has no smallest change.
      if terms.count > 1 { try ThreatReference([terms]).checkAmounts(in: reference) }
      alternatives.append(terms)
    }
    self.alternatives = alternatives
  }

  /// Makes sure that every term has an amount, for what looks for no smallest change.
  ///
  /// - Throws: `ThreatReferenceError.amount`.
  public func checkAmounts() throws(ThreatReferenceError) { try checkAmounts(in: description) }

  private func checkAmounts(in reference: String) throws(ThreatReferenceError) {
    guard let term = alternatives.joined().first(where: { $0.amount == nil }) else { return }
    throw .amount(reference, term.description)
  }

  private init(_ alternatives: [[ThreatTerm]]) { self.alternatives = alternatives }

  /// The only term; `nil` if there are several.
  public var term: ThreatTerm? {
    alternatives.count == 1 && alternatives[0].count == 1 ? alternatives[0][0] : nil
  }

  /// The norm, if the threat is one ball.
  public var norm: Norm? { term?.norm }

  /// The amount, such as the radius, of a threat of a single term.
  public var radius: Double? { term?.amount }

  /// Whether every term has an amount.
  public var isLimited: Bool { alternatives.joined().allSatisfy { $0.amount != nil } }

  /// Whether a term is about places in a picture, so that examples must have height and width.
  public var needsPictures: Bool {
    let places: Set<ThreatTerm.Kind> = [.rotation, .shift, .flow, .patch, .blur]
    return alternatives.joined().contains { places.contains($0.kind) }
  }

  /// Whether nothing may change.
  public var isEmpty: Bool { alternatives.joined().allSatisfy { $0.amount == 0 } }

  /// The threat for data with the given bounds.
  ///
  /// - Parameters:
  ///   - bounds: The values that each coordinate may take.
  ///   - mask: Which coordinates may change; `nil` if all may.
  ///   - isRelative: Whether radii are shares of the range that each coordinate has by the bounds (`RelativeBall`).
  /// - Returns: The threat.
  /// - Throws: `ThreatError` for what these bounds do not allow, or a name without an amount whose size means nothing.
  public func threat(
    bounds: InputBounds = .unit, mask: [Bool]? = nil, isRelative: Bool = false
  ) throws(ThreatError) -> any ThreatModel {
    var threats: [any ThreatModel] = []
    for terms in alternatives {
      var parts: [any ThreatModel] = []
      for term in terms {
        let part = try term.threat(bounds: bounds, mask: mask)
        guard isRelative else {
          parts.append(part)
          continue
        }
        guard let ball = part as? Ball else { throw .notRelative(term.description) }
        parts.append(RelativeBall(ball))
      }
      threats.append(parts.count == 1 ? parts[0] : Composition(parts))
    }
    return threats.count == 1 ? threats[0] : Either(threats)
  }

  /// The ball of this threat for data with the given bounds.
  ///
  /// - Throws: `ThreatReferenceError.notBall` if it is anything but one ball, `.amount` if that has no radius.
  public func ball(bounds: InputBounds = .unit, mask: [Bool]? = nil) throws -> Ball {
    if norm != nil { try checkAmounts() }
    guard let norm, let radius else { throw ThreatReferenceError.notBall(description) }
    return try Ball(norm, radius: radius, bounds: bounds, mask: mask)
  }

  /// The same threat of another size.
  ///
  /// - Throws: `ThreatReferenceError.parts` if it has several terms.
  public func with(radius: Double) throws(ThreatReferenceError) -> ThreatReference {
    guard let term else { throw .parts(description) }
    return ThreatReference([[term.with(amount: radius)]])
  }

  /// The text that reads back as this threat.
  public var description: String { choices.joined(separator: "|") }

  /// The texts of the alternatives.
  public var choices: [String] {
    alternatives.map { $0.map(\.description).joined(separator: "+") }
  }

  /// The parts between plus signs, but for those of exponents.
  private static func terms(of text: Substring) -> [Substring] {
    var terms: [Substring] = []
    var start = text.startIndex
    for index in text.indices where text[index] == "+" {
      let before = text[start..<index]
      let isExponent =
        before.last.map { $0 == "e" || $0 == "E" } ?? false
        && before.dropLast().last.map { $0.isNumber || $0 == "." } ?? false
      if isExponent { continue }
      terms.append(before)
      start = text.index(after: index)
    }
    return terms + [text[start...]]
  }
}

/// Why a text names no threat.
public enum ThreatReferenceError: Error, Hashable, CustomStringConvertible {
  /// Not names and amounts.
  case form(String)
  /// A name that there is not: the reference and the name.
  case name(String, String)
  /// An amount that is not a finite number or is negative: the reference and its amount.
  case radius(String, String, isRadius: Bool)
  /// A name without an amount where one is needed: the reference and the name.
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
      "threat '\(reference)': '\(name)' needs an amount, such as "
        + (ThreatTerm.Kind(rawValue: name)?.examples ?? ["\(name):1"]).joined(separator: " or ")
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
      "threat '\(reference)': expected a single threat, not several, if the radius differs between examples"
    }
  }
}
