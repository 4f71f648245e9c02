import Datasets
import Networks

extension SafeTensorsFile {
  /// The bytes of the file, in the format that the end of its name says: NumPy's `.npz`, else safetensors.
  func encoded(as path: String) throws -> [UInt8] {
    guard path.hasSuffix(".npz") else { return encoded() }
    let integers = integers.mapValues {
      NPYContents(integers: $0.values.map(Int.init), shape: $0.shape)
    }
    return try NPYContents.npz(
      sorted: tensors.mapValues { NPYContents($0) }.merging(integers) { first, _ in first })
  }
}
