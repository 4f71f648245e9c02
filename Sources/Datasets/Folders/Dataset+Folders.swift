import Files
public import Images
import Tensors

extension Dataset {
  /// The most images in a folder that are taken.
  private static let mostImages = 20_000_000

  /// Pictures in a folder of folders, one for each class, read when they are asked for.
  ///
  /// Classes and files are in the order of their names. Without `options.classNames` the classes are numbered
  /// from 0 in this order, or have the numbers that are their names, if all are numbers. With them each folder is
  /// called as one of the classes, whose label its pictures get, or by the identifier at its beginning
  /// (`n01440764 tench`). Hidden files are left out; any other file that is no PNG or JPEG is refused.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - directory: The folder of the classes.
  ///   - options: The shape to prepare pictures for, which is that of the first one by default; resizing,
  ///     bounds and names.
  /// - Throws: `DatasetError` that names the folder or the file and what was expected there.
  public init(
    name: String, images directory: String, options: DataOptions
  ) throws(DatasetError) {
    let folders = try Dataset.visible(directory).filter { Folder.exists("\(directory)/\($0)") }
    guard !folders.isEmpty else {
      throw DatasetError(
        .content, in: directory, "holds no folders, expected one for each class, with its images")
    }
    let (labels, classNames) = try Dataset.labels(folders, in: directory, options)
    var paths: [String] = []
    var allLabels: [Int] = []
    for (folder, label) in zip(folders, labels) {
      let path = "\(directory)/\(folder)"
      for file in try Dataset.visible(path) {
        guard ImageFile.isImage(file), !Folder.exists("\(path)/\(file)") else {
          throw DatasetError(
            .content, in: "\(path)/\(file)",
            "expected only images in the folder of a class: .png, .jpg or .jpeg")
        }
        paths.append("\(path)/\(file)")
        allLabels.append(label)
      }
      guard paths.count <= Dataset.mostImages else {
        throw DatasetError(
          .tooLarge, in: directory, "holds more than \(Dataset.mostImages) images")
      }
    }
    guard let first = paths.first else {
      throw DatasetError(.content, in: directory, "holds no images in the folders of its classes")
    }
    let shape: Shape
    if let given = options.shape {
      shape = given
    } else {
      let picture = try DatasetError.image(first)
      let side = options.resize
      shape =
        side.map { [picture.channels.rawValue, $0, $0] }
        ?? [picture.channels.rawValue, picture.height, picture.width]
    }
    let preparation = try ImagePreparation(shape: shape, resize: options.resize)
    self.init(
      name: name, exampleShape: shape,
      storage: .source(
        FolderExamples(paths: paths, preparation: preparation, levels: options.levels)),
      labels: allLabels, classNames: classNames, bounds: options.levels.bounds)
  }

  /// A single photograph.
  ///
  /// - Parameters:
  ///   - name: What messages call it.
  ///   - photo: The picture.
  ///   - preparation: How it becomes an input.
  ///   - label: The class to attack.
  ///   - classNames: The names of the classes.
  ///   - bounds: What the bytes are spread over.
  public init(
    name: String, photo: Bitmap, preparation: ImagePreparation, label: Int,
    classNames: [String], bounds: ClosedRange<Float> = 0...1
  ) {
    let pixels = preparation.apply(to: photo).planes
    self.init(
      name: name, exampleShape: preparation.shape,
      storage: .bytes(pixels[...], ByteLevels(bounds)), labels: [label], classNames: classNames,
      bounds: bounds)
  }

  private static func visible(_ directory: String) throws(DatasetError) -> [String] {
    do throws(FileError) {
      return try Folder.names(in: directory).filter { !$0.hasPrefix(".") }
    } catch {
      throw DatasetError(.unreadable, in: directory, "cannot be listed: \(error.reason)")
    }
  }

  /// The labels of folders, and the names of all classes.
  private static func labels(
    _ folders: [String], in directory: String, _ options: DataOptions
  ) throws(DatasetError) -> ([Int], [String]) {
    let names = options.classNames
    guard !names.isEmpty else {
      let numbers = folders.compactMap { Int($0) }
      if numbers.count == folders.count, numbers.allSatisfy({ 0...1_000_000 ~= $0 }) {
        return (numbers, (0...max(1, numbers.max() ?? 0)).map(String.init))
      }
      return (Array(folders.indices), folders)
    }
    var places: [String: Int] = [:]
    for (label, name) in names.enumerated() {
      places[name] = places[name] ?? label
      let word = String(name.prefix { $0 != " " })
      if word.count == 9, word.hasPrefix("n"), Int(word.dropFirst()) != nil {
        places[word] = places[word] ?? label
      }
    }
    var labels: [Int] = []
    for folder in folders {
      guard let label = places[folder] else {
        throw DatasetError(
          .content, in: "\(directory)/\(folder)",
          "is called as none of the \(names.count) classes that are named")
      }
      labels.append(label)
    }
    return (labels, names)
  }
}
