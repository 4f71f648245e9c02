import Reports
package import Robustness

extension ThreatReference {
  /// What an attacker may change, to follow "may change".
  package var words: String {
    alternatives.map { terms in terms.map(\.words).joined(separator: ", then ") }
      .joined(separator: "; or ")
  }
}

extension ThreatTerm {
  /// What an attacker may change, to follow "may change".
  fileprivate var words: String {
    guard let amount else {
      return switch kind {
      case .infinity: "every value as far as it takes, measured by the largest change"
      case .one: "values as far as it takes, measured by the sum of the changes"
      case .two: "values as far as it takes, measured by the root of the summed squares"
      case .zero: "pixels as many as it takes, each to any value"
      default: "the \(kind.rawValue) as far as it takes"
      }
    }
    let size = amountText ?? Format.shortest(amount)
    return switch kind {
    case .infinity: "every value by at most \(size)"
    case .one: "values by at most \(size) in all (the sum of the changes)"
    case .zero: "at most \(size) pixels, each to any value"
    case .two: "values by at most \(size) in all (the root of the summed squares)"
    case .rotation: "the angle of the picture by at most \(size) degrees"
    case .shift: "the place of the picture by at most \(size) pixels along each axis"
    case .flow: "the place of every pixel by at most \(size) pixels along each axis"
    case .patch:
      isInPixels
        ? "a square of \(size) by \(size) pixels"
        : "a square of \(Format.percent(amount)) of the picture"
    case .hue: "the hue by at most \(size) degrees"
    case .saturation: "the saturation by at most \(Format.percent(amount))"
    case .brightness: "the brightness by at most \(size)"
    case .contrast: "the contrast by at most \(Format.percent(amount))"
    case .fog: "how much white is mixed in, at most \(Format.percent(amount))"
    case .blur: "how blurred the picture is, by at most \(size) pixels (standard deviation)"
    }
  }
}
