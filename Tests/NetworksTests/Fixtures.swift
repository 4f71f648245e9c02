import Foundation

/// The files under Tests/Fixtures.
enum Fixtures {
  /// The path of a fixture, such as `networks/madry.safetensors`.
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures").appending(path: name).path
  }

  /// The paths of all files of a folder, in order of name.
  static func paths(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
      .map { path(folder + "/" + $0) }
  }
}
