import Files
import ONNXMessages

/// Reads tensors that a file keeps in other files beside it.
struct ONNXExternalData {
  /// The folder of the file; `nil` if it has none.
  let folder: String?
  private var files: [String: [UInt8]] = [:]

  init(folder: String?) { self.folder = folder }

  /// The bytes of a tensor.
  ///
  /// - Throws: `ONNXProblem` if the place is not inside a file of the same folder.
  mutating func bytes(of message: Onnx_TensorProto) throws -> [UInt8] {
    let entries = Dictionary(message.externalData.map { ($0.key, $0.value) }) { $1 }
    guard let location = entries["location"], isInside(location) else {
      throw ONNXProblem(
        "its values are in the file \((entries["location"] ?? "").quoted)"
          + "; expected one in the same folder")
    }
    guard let folder else {
      throw ONNXProblem("its values are in the file \(location.quoted), which was not given")
    }
    let file = try read(location, in: folder)
    guard let offset = Int(entries["offset"] ?? "0"), offset >= 0, offset <= file.count,
      let length = Int(entries["length"] ?? String(file.count - offset)), length >= 0,
      length <= file.count - offset
    else {
      throw ONNXProblem(
        "its values are outside the file \(location.quoted) of \(file.count) bytes")
    }
    return Array(file[offset..<offset + length])
  }

  private mutating func read(_ location: String, in folder: String) throws -> [UInt8] {
    if let bytes = files[location] { return bytes }
    do throws(FileError) {
      if let place = try Folder.place(of: location, within: folder) {
        let bytes = try WholeFile.read(place)
        files[location] = bytes
        return bytes
      }
    } catch {
      throw ONNXProblem(error.description)
    }
    throw ONNXProblem(
      "its values are in the file \(location.quoted), a symbolic link out of the folder of the network",
      hint: "copy both files, as cp -L does, into one folder")
  }

  /// Whether a place is a path below the folder: relative, without going up.
  private func isInside(_ location: String) -> Bool {
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    return !location.isEmpty && !location.utf8.contains(0) && !location.contains("\\")
      && parts.allSatisfy { !$0.isEmpty && $0 != ".." }
  }
}
