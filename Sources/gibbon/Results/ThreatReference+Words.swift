import Reports
import Robustness

extension ThreatReference {
  /// Warns where the radius is at least the whole range of the data, as one of 8 for 8/255 is.
  ///
  /// - Parameters:
  ///   - bounds: The range of each value.
  ///   - size: The number of values of an example.
  func warn(ifBeyond bounds: ClosedRange<Float>, size: Int) {
    let range = Double(bounds.upperBound) - Double(bounds.lowerBound)
    let whole = norm == .infinity ? range : range * Double(size).squareRoot()
    guard radius >= whole else { return }
    let ends =
      "\(Format.shortest(Double(bounds.lowerBound))) to \(Format.shortest(Double(bounds.upperBound)))"
    let meant =
      norm == .infinity && range == 1 && radius <= 255
      ? "; did you mean \(norm.rawValue):\(Format.shortest(radius))/255?" : ""
    Terminal.warning(
      "the threat \(self) allows every input there is, for the data's values lie in \(ends)" + meant
    )
  }

  /// What an attacker may change, to follow "may change".
  var words: String {
    switch norm {
    case .infinity: "every value by at most \(Format.shortest(radius))"
    case .two:
      "values by at most \(Format.shortest(radius)) in all (the root of the summed squares)"
    }
  }
}
