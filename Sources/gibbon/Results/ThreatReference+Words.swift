import Reports
import Robustness

extension ThreatReference {
  /// What an attacker may change, to follow "may change".
  var words: String {
    switch norm {
    case .infinity: "every value by at most \(Format.shortest(radius))"
    case .two:
      "values by at most \(Format.shortest(radius)) in all (the root of the summed squares)"
    }
  }
}
