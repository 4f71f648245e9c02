import Reports
package import JSON
package import Robustness
package import Tensors

extension ThreatReference {
  /// What is said where the radius is at least the whole range of the data, as one of 8 for 8/255 is.
  ///
  /// - Parameters:
  ///   - bounds: The range of each value; `nil` where the radius is a share of each column's.
  ///   - shape: The shape of an example.
  /// - Returns: The warning.
  package func warning(ifBeyond bounds: ClosedRange<Float>?, shape: Shape) -> String? {
    guard let norm, let radius else { return nil }
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
    guard radius >= whole else { return nil }
    let ends =
      "\(Format.shortest(Double(bounds.lowerBound))) to \(Format.shortest(Double(bounds.upperBound)))"
    let meant =
      norm == .infinity && range == 1 && radius <= 255 && !isRelative
      ? "; did you mean \(norm.rawValue):\(Format.shortest(radius))/255?" : ""
    return
      "the threat \(self) allows every input there is, for "
      + (isRelative
        ? "it is relative to each column's range" : "the data's values lie in \(ends)\(meant)")
  }

  /// The alternatives, each a list of what is applied one after the other, with amounts as numbers and as they were
  /// written.
  package var json: JSONValue {
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
