import Reports
import Robustness
import Tensors

extension ThreatReference {
  /// Warns where the radius is at least the whole range of the data, as one of 8 for 8/255 is.
  ///
  /// - Parameters:
  ///   - bounds: The range of each value.
  ///   - shape: The shape of an example.
  func warn(ifBeyond bounds: ClosedRange<Float>, shape: Shape) {
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
    case .one:
      "values by at most \(Format.shortest(radius)) in all (the sum of the changes)"
    case .zero: "at most \(Format.shortest(radius)) pixels, each to any value"
    case .two:
      "values by at most \(Format.shortest(radius)) in all (the root of the summed squares)"
    }
  }
}
