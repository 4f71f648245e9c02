import Reports
import Robustness

extension ThreatReference {
  /// What an attacker may change, to follow "may change".
  var words: String {
    switch norm {
    case .infinity: "every value by at most \(Format.shortest(radius))"
    case .one:
      "values by at most \(Format.shortest(radius)) in all (the sum of the changes)"
    case .zero: "at most \(Format.shortest(radius)) pixels, each to any value"
    case .two:
      "values by at most \(Format.shortest(radius)) in all (the root of the summed squares)"
    }
  }
}
