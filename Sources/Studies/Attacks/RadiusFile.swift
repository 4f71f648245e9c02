import Tensors
import Networks
package import Robustness

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
        throw StudyError("\(path): the radius of example \(index) is \(radius)")
      }
      guard norm != .zero || radius == radius.rounded() else {
        throw StudyError(
          "\(path): the radius of example \(index) is \(radius); expected a whole number, for l0 counts pixels"
        )
      }
      guard radii.updateValue(Double(radius), forKey: Int(index)) == nil else {
        throw StudyError("\(path): example \(index) has two radii")
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
