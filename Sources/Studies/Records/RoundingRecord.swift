import JSON
import Tensors
import Robustness
/// What results say of whether rounding could undo a change that counts.
enum RoundingRecord {
  /// The object of a change: what was found (`clear`, `verified` or `not verified`), and where that was asked the margin
  /// in double precision and the largest difference of margins in single precision from it.
  static func json(_ rounding: Rounding) -> JSONValue {
    let (check, margin, difference) = parts(of: rounding)
    return [
      "check": JSONValue(check), "margin_float64": JSONValue(margin.map { JSONValue($0) }),
      "difference": JSONValue(difference.map { JSONValue($0) }),
    ]
  }

  /// What an object was written from; `nil` if it is none.
  static func rounding(_ value: JSONValue?) -> Rounding? {
    let numbers = (value?["margin_float64"]?.doubleValue, value?["difference"]?.doubleValue)
    switch (value?["check"]?.stringValue, numbers.0, numbers.1) {
    case ("clear", nil, nil): return .clear
    case ("verified", let margin?, let difference?):
      return .verified(margin: margin, difference: difference)
    case ("not verified", nil, nil): return .unverified
    default: return nil
    }
  }

  /// The same of all changes of a file as arrays, beside their margins; NaN where double precision was not asked.
  static func arrays(
    _ changes: [(margin: Double, rounding: Rounding)]
  ) -> [String: Tensor<Float>] {
    func array(_ value: ((margin: Double, rounding: Rounding)) -> Double?) -> Tensor<Float> {
      Tensor(changes.map { value($0).map { Float($0) } ?? .nan }, shape: [changes.count])
    }
    return [
      "margin": array { $0.margin },
      "margin_float64": array { parts(of: $0.rounding).margin },
      "rounding_difference": array { parts(of: $0.rounding).difference },
    ]
  }

  private static func parts(
    of rounding: Rounding
  ) -> (check: String, margin: Double?, difference: Double?) {
    switch rounding {
    case .clear: ("clear", nil, nil)
    case .verified(let margin, let difference): ("verified", margin, difference)
    case .unverified: ("not verified", nil, nil)
    }
  }
}
