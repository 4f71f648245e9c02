import Foundation

/// The committed files that tests read.
package enum Fixtures {
  /// The folder of the package.
  package static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// `Tests/Fixtures`.
  package static let folder = package + "/Tests/Fixtures"

  /// Published networks and data, in a folder beside the package that few have.
  package static let published = URL(filePath: package).deletingLastPathComponent()
    .appending(path: "shared/data").path

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
