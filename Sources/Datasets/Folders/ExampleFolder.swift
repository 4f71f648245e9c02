import Files
import Images

/// A folder with pictures of which some may show a class: with a folder for each class, or the pictures themselves.
package struct ExampleFolder: Sendable {
  /// The folder.
  package let path: String
  /// The names of the folders in it.
  private let folders: [String]
  /// The names of the pictures in it.
  private let files: [String]

  /// The most pictures that are considered.
  package static let limit = 200

  /// Lists a folder.
  ///
  /// - Throws: `DatasetError` that names the folder, where it cannot be listed or holds neither folders nor pictures.
  package init(path: String) throws(DatasetError) {
    self.path = path
    let names = try ExampleFolder.names(in: path)
    folders = names.filter { Folder.exists("\(path)/\($0)") }
    files = names.filter { ImageFile.isImage($0) && !Folder.exists("\(path)/\($0)") }
    guard !folders.isEmpty || !files.isEmpty else {
      throw DatasetError(
        .content, in: path,
        "holds no pictures, expected PNG or JPEG files, or a folder of them for each class")
    }
  }

  /// The pictures that may show a class, at most `limit` of them in the order of their names.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - names: The names of all classes.
  /// - Returns: The paths, and whether they are in a folder that is called as the class is; without such a folder they are
  ///   the pictures that lie in the folder itself.
  /// - Throws: `DatasetError` where the folder of the class cannot be listed.
  package func pictures(
    of label: Int, _ names: [String]
  ) throws(DatasetError) -> (paths: [String], showTheClass: Bool) {
    if let folder = FolderClasses.folder(of: label, among: folders, names) {
      let place = "\(path)/\(folder)"
      let paths = try ExampleFolder.names(in: place).filter(ImageFile.isImage)
      return (paths.prefix(ExampleFolder.limit).map { "\(place)/\($0)" }, true)
    }
    return (files.prefix(ExampleFolder.limit).map { "\(path)/\($0)" }, false)
  }

  private static func names(in path: String) throws(DatasetError) -> [String] {
    do throws(FileError) {
      return try Folder.names(in: path).filter { !$0.hasPrefix(".") }
    } catch {
      throw DatasetError(.unreadable, in: path, "cannot be listed: \(error.reason)")
    }
  }
}
