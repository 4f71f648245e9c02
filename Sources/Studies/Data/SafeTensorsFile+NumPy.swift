import Tensors
import Datasets
import JSON
package import Networks

extension SafeTensorsFile {
  /// The bytes of the file, in the format that the end of its name says: NumPy's `.npz`, else safetensors.
  ///
  /// The metadata are the bytes of a JSON object, the array `metadata`, in `.npz`.
  package func encoded(as path: String) throws -> [UInt8] {
    guard path.hasSuffix(".npz") else { return encoded() }
    let integers = integers.mapValues {
      NPYContents(integers: $0.values.map(Int.init), shape: $0.shape)
    }
    var arrays = tensors.mapValues { NPYContents($0) }.merging(integers) { first, _ in first }
    if !metadata.isEmpty {
      var object = JSONObject()
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
        object[key] = JSONValue(value)
      }
      // NumPy's archives have no other place for text.
      let text = Array(JSONValue.object(object).text(.compact).utf8)
      arrays["metadata"] = NPYContents(text, shape: [text.count])
    }
    return try NPYContents.npz(sorted: arrays)
  }
}
