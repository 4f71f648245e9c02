import Foundation
import Synchronization

/// A folder of its own that is gone when nobody uses it any more.
final class Folder: Sendable {
  /// The path, without a slash at the end.
  let path: String

  init() throws {
    path = NSTemporaryDirectory().trimmingSuffix("/") + "/gibbon-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  static func / (folder: Folder, name: String) -> String { folder.path + "/" + name }

  /// The names of all that is in the folder, hidden files too.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// The names and contents of all files.
  var contents: [String: Data?] {
    Dictionary(
      uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: self / $0)) })
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: self / name)))
  }

  /// The text of a file.
  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: self / name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Creates a file.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(filePath: self / name))
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
