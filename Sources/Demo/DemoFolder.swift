import Files
import JSON
import Networks
import Platform
import Reports
import Settings
import Studies

/// Where the demo leaves its results.
package struct DemoFolder: Sendable {
  /// The folder as it was named.
  package let path: String
  /// The folders that were created, the innermost first.
  private let created: [String]

  static let networks = Pair("standard.safetensors", "robust.safetensors")
  static let radii = "noise-radii.safetensors"
  static let json = "report.json"
  static let page = "report.html"

  /// Makes sure that results can be written, and creates the folder if it is missing.
  ///
  /// - Throws: `FileError` or `StudyError`.
  package init(_ path: String) throws {
    guard !path.isEmpty else {
      throw StudyError("\(Setting.out) is empty; expected the name of a folder")
    }
    self.path = path
    var created: [String] = []
    var place = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      place += part
      if mkdir(place, 0o777) == 0 {
        created.insert(place, at: 0)
      } else if errno != EEXIST {
        let code = errno
        DemoFolder.remove(created)
        throw FileError(path: place, action: "create the folder", code: code)
      }
      place += "/"
    }
    self.created = created
    do {
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw FileError(path: path, action: "look it up", code: errno)
      }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError(path: path, action: "use it as a folder", code: ENOTDIR)
      }
      for name in DemoFolder.networks.all + [DemoFolder.radii, DemoFolder.json, DemoFolder.page] {
        try AtomicFile.check(file(name))
      }
    } catch {
      discard()
      throw error
    }
  }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

  /// Removes the folder again if it was created and nothing is in it.
  package func discard() { DemoFolder.remove(created) }

  private static func remove(_ folders: [String]) { for folder in folders { rmdir(folder) } }

  /// Writes all results, each file whole or not at all.
  package func write(_ result: DemoResult) async throws {
    let page = try result.page(self).html()
    for (network, name) in zip(result.networks.all, DemoFolder.networks.all) {
      try network.file(result.settings).write(to: file(name))
    }
    try AtomicFile.write(result.radii.encoded(), to: file(DemoFolder.radii))
    try AtomicFile.write(result.json(self).text(.pretty) + "\n", to: file(DemoFolder.json))
    try AtomicFile.write(page, to: file(DemoFolder.page))
  }
}
