package import JSON
import Networks
import Reports
package import Robustness
package import Tensors

/// A radius for each example, in a safetensors file: integers `index` and as many numbers `radius`.
package struct RadiusFile: Sendable {
  /// What to call the file.
  package let path: String
  /// The radius of an example by its index in the data set.
  package let radii: [Int: Double]

  /// Gathers radii that a file of this name is to hold, rounded as the file rounds them.
  package init(_ radii: [Int: Double], path: String) {
    self.path = path
    self.radii = radii.mapValues { Double(Float($0)) }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - norm: The norm that the radii are of, if they are of one; those of L0 are whole.
  /// - Throws: `SafeTensorsError` or `StudyError` that names the file and what was expected.
  package init(path: String, norm: Norm? = nil) throws {
    let kind = try FileKind(ofFile: path)
    guard kind == .safeTensors || kind == .unknown else {
      throw StudyError(
        "\(path): is \(kind.words), expected radii in a safetensors file: integers 'index' and as many"
          + " numbers 'radius' (in Python: safetensors.numpy.save_file)")
    }
    let file = try SafeTensorsFile(path: path)
    let values = try file.tensor("radius")
    guard let indices = file.integers["index"], indices.values.count == values.count else {
      throw StudyError("\(path): expected as many integers 'index' as there are numbers 'radius'")
    }
    var radii: [Int: Double] = [:]
    for (index, radius) in zip(indices.values, values.scalars) {
      guard radius >= 0, radius.isFinite else {
        throw StudyError(
          "\(path): the radius of example \(index) is \(radius); expected a number that is not negative"
        )
      }
      guard norm != .zero || radius == radius.rounded() else {
        throw StudyError(
          "\(path): the radius of example \(index) is \(radius); expected a whole number, since l0 counts pixels"
        )
      }
      guard radii.updateValue(Double(radius), forKey: Int(index)) == nil else {
        throw StudyError("\(path): example \(index) has two radii; expected one")
      }
    }
    self.path = path
    self.radii = radii
  }

  /// The bytes of the file.
  package func encoded() -> [UInt8] {
    let sorted = radii.sorted { $0.key < $1.key }
    var file = SafeTensorsFile(name: path)
    file.tensors["radius"] = Tensor(sorted.map { Float($0.value) }, shape: [sorted.count])
    file.integers["index"] = SafeTensorsIntegers(
      sorted.map { Int64($0.key) }, shape: [sorted.count])
    return file.encoded()
  }
}

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
              "amount": JSONValue(term.amount),
              "text": JSONValue(term.description),
            ]
          })
      })
  }
}
