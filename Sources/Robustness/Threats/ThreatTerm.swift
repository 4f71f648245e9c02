import Files

/// One threat of a reference: a name and an amount, such as `linf:8/255` or `rotation:30`.
public struct ThreatTerm: Sendable, Hashable, CustomStringConvertible {
  /// What may change.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Every value, by at most the radius.
    case infinity = "linf"
    /// The values, by at most the radius as a Euclidean length.
    case two = "l2"
    /// The values, by at most the radius in sum.
    case one = "l1"
    /// As many pixels as the radius says.
    case zero = "l0"
    /// The angle, by at most so many degrees.
    case rotation
    /// The place, by at most so many pixels.
    case shift
    /// The place of every pixel, by at most so many pixels.
    case flow
    /// A square of this share of the area, or of so many pixels a side.
    case patch
    /// The hue, by at most so many degrees.
    case hue
    /// The saturation, by at most this share.
    case saturation
    /// Every value alike, by at most this much.
    case brightness
    /// The distance from the middle grey, by at most this share.
    case contrast
    /// This share of white mixed in at most.
    case fog
    /// A Gaussian blur of at most so many pixels' standard deviation.
    case blur

    /// The names on the command line.
    public static var names: [String] { allCases.map(\.rawValue) }

    /// Usual amounts, for messages: of colour pictures with values from 0 to 1, and of MNIST where that differs.
    var examples: [String] {
      let amounts =
        switch self {
        case .infinity: ["8/255", "0.3"]
        case .two: ["0.5", "2"]
        case .one: ["12"]
        case .zero: ["10"]
        case .rotation, .hue: ["30"]
        case .shift: ["3"]
        case .flow: ["1"]
        case .patch: ["0.1", "5px"]
        case .saturation, .contrast, .fog: ["0.3"]
        case .brightness: ["0.2"]
        case .blur: ["1"]
        }
      return amounts.map { "\(rawValue):\($0)" }
    }
  }

  /// What may change.
  public let kind: Kind

  /// The amount, finite and not negative; `nil` for all sizes.
  public let amount: Double?

  /// Whether the amount is a number of pixels: of a patch, `patch:5px`.
  public let isInPixels: Bool

  /// The upper left corner of a patch that has its place, `patch:0.1@3,4`.
  public let place: (row: Int, column: Int)?

  /// The amount and all behind it, as it was written.
  private let text: String?

  /// The amount as it was written, such as `8/255`, without a unit or a place; `nil` where there is none.
  public var amountText: String? {
    text.map { text in
      let number = text.prefix { $0 != "@" }
      return String(isInPixels ? number.dropLast(2) : number)
    }
  }

  /// The norm of a ball; `nil` for other threats.
  public var norm: Norm? { Norm(rawValue: kind.rawValue) }

  /// The text that reads back as this term.
  public var description: String { kind.rawValue + (text.map { ":" + $0 } ?? "") }

  /// Whether two terms are written alike.
  public static func == (left: ThreatTerm, right: ThreatTerm) -> Bool {
    left.description == right.description
  }

  /// Hashes what is written.
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// The same threat of another size.
  func with(amount: Double) -> ThreatTerm {
    ThreatTerm(
      kind: kind, amount: amount, isInPixels: isInPixels, place: place, text: amount.plain)
  }

  private init(
    kind: Kind, amount: Double?, isInPixels: Bool, place: (row: Int, column: Int)?, text: String?
  ) {
    self.kind = kind
    self.amount = amount
    self.isInPixels = isInPixels
    self.place = place
    self.text = text
  }

  /// Reads a term.
  ///
  /// - Parameters:
  ///   - text: The name, and the amount after a colon.
  ///   - reference: The whole threat, for messages.
  /// - Throws: `ThreatReferenceError`.
  init(_ text: Substring, in reference: String) throws(ThreatReferenceError) {
    let name = text.prefix { $0 != ":" }
    guard let kind = Kind(rawValue: String(name)) else {
      let isName = !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber }
      throw isName && Double(String(name)) == nil
        ? .name(reference, String(name)) : .form(reference)
    }
    guard name.endIndex < text.endIndex else {
      self.init(kind: kind, amount: nil, isInPixels: false, place: nil, text: nil)
      return
    }
    let written = text[text.index(after: name.endIndex)...]
    var number = written
    var place: (row: Int, column: Int)?
    var isInPixels = false
    if kind == .patch {
      if let sign = written.firstIndex(of: "@") {
        let corner = written[written.index(after: sign)...]
          .split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard corner.count == 2, let row = corner[0], let column = corner[1],
          0...10_000 ~= row, 0...10_000 ~= column
        else { throw .patch(reference) }
        place = (row, column)
        number = written[..<sign]
      }
      if number.hasSuffix("px") {
        isInPixels = true
        number = number.dropLast(2)
        guard let side = Int(number), 1...10_000 ~= side else { throw .patch(reference) }
      }
    }
    guard let amount = ThreatTerm.number(number), amount.isFinite, amount >= 0 else {
      throw .radius(reference, String(number), isRadius: Norm(rawValue: kind.rawValue) != nil)
    }
    if kind == .zero, amount != amount.rounded() {
      throw .pixels(reference, String(number), fewer: amount.rounded(.down))
    }
    self.init(
      kind: kind, amount: amount, isInPixels: isInPixels, place: place, text: String(written))
    // An amount that makes no sense is said to be wrong before any data are read.
    do {
      _ = try threat(bounds: .unit, mask: nil)
    } catch {
      throw .threat(reference, error)
    }
  }

  /// The threat for data with the given bounds; of all sizes where there is no amount.
  func threat(bounds: InputBounds, mask: [Bool]?) throws(ThreatError) -> any ThreatModel {
    let limited = try limited(bounds: bounds, mask: mask)
    guard amount == nil else { return limited }
    guard let withoutLimit = limited.withoutLimit else { throw .unsized(kind.rawValue) }
    return withoutLimit
  }

  private func limited(bounds: InputBounds, mask: [Bool]?) throws(ThreatError) -> any ThreatModel {
    let amount = amount ?? 0
    switch kind {
    case .infinity: return try Ball(.infinity, radius: amount, bounds: bounds, mask: mask)
    case .two: return try Ball(.two, radius: amount, bounds: bounds, mask: mask)
    case .one: return try Ball(.one, radius: amount, bounds: bounds, mask: mask)
    case .zero: return try Ball(.zero, radius: amount, bounds: bounds, mask: mask)
    case .rotation: return try Rotation(degrees: amount, bounds: bounds)
    case .shift: return try Shift(pixels: amount, bounds: bounds)
    case .flow: return try Flow(pixels: amount, bounds: bounds)
    case .patch:
      let pose = place.map { Patch.Pose(row: Double($0.row), column: Double($0.column)) }
      return try Patch(
        isInPixels ? .pixels(Int(amount)) : .share(amount), at: pose, bounds: bounds)
    case .hue: return try Hue(degrees: amount, bounds: bounds)
    case .saturation: return try ColorAdjustment(.saturation, amount: amount, bounds: bounds)
    case .brightness: return try ColorAdjustment(.brightness, amount: amount, bounds: bounds)
    case .contrast: return try ColorAdjustment(.contrast, amount: amount, bounds: bounds)
    case .fog: return try ColorAdjustment(.fog, amount: amount, bounds: bounds)
    case .blur: return try Blur(sigma: amount, bounds: bounds)
    }
  }

  private static func number(_ text: Substring) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let numerator = parts.first.flatMap({ Double(String($0)) }) else { return nil }
    switch parts.count {
    case 1: return numerator
    case 2: return Double(String(parts[1])).map { numerator / $0 }
    default: return nil
    }
  }
}
