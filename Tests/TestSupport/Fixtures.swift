import Foundation

/// The committed files that tests read.
package enum Fixtures {
  /// `Tests/Fixtures`.
  package static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures").path

  /// The path of a file or folder, such as `networks/madry.safetensors`.
  package static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The paths of all files of a folder, in order of name.
  package static func paths(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
      .map { path(folder + "/" + $0) }
  }

  /// The bytes of a file.
  package static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}
