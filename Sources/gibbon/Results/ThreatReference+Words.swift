import JSON
import Reports
import Robustness
import Tensors

extension ThreatReference {
  /// Warns where the radius is at least the whole range of the data, as one of 8 for 8/255 is.
  ///
  /// - Parameters:
  ///   - bounds: The range of each value; `nil` where the radius is a share of each column's.
  ///   - shape: The shape of an example.
  func warn(ifBeyond bounds: ClosedRange<Float>?, shape: Shape) {
    guard let norm, let radius else { return }
    let isRelative = bounds == nil
    let bounds = bounds ?? 0...1
    let range = Double(bounds.upperBound) - Double(bounds.lowerBound)
    let whole =
      switch norm {
      case .infinity: range
      case .two: range * Double(shape.count).squareRoot()
      case .one: range * Double(shape.count)
      case .zero: Double(shape.rank == 3 ? shape[1] * shape[2] : shape.count)
      }
    guard radius >= whole else { return }
    let ends =
      "\(Format.shortest(Double(bounds.lowerBound))) to \(Format.shortest(Double(bounds.upperBound)))"
    let meant =
      norm == .infinity && range == 1 && radius <= 255 && !isRelative
      ? "; did you mean \(norm.rawValue):\(Format.shortest(radius))/255?" : ""
    Terminal.warning(
      "the threat \(self) allows every input there is, for "
        + (isRelative
          ? "it is relative to each column's range" : "the data's values lie in \(ends)\(meant)")
    )
  }

  /// What an attacker may change, to follow "may change".
  var words: String {
    alternatives.map { terms in terms.map(\.words).joined(separator: ", then ") }
      .joined(separator: "; or ")
  }
}

extension ThreatReference {
  /// The alternatives, each a list of what is applied one after the other, with amounts as numbers and as they were
  /// written.
  var json: JSONValue {
    .array(
      alternatives.map { terms in
        .array(
          terms.map { term in
            [
              "name": JSONValue(term.kind.rawValue),
              "amount": JSONValue(term.amount.map { JSONValue($0) }),
              "text": JSONValue(term.description),
            ]
          })
      })
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
