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
  /// called as one of the classes, whose label its pictures get, by its number, or by the identifier at its beginning
  /// (`n01440764 tench`). Hidden files and those that systems leave (`Thumbs.db`, `__MACOSX`) are left out; any other
  /// file that is no PNG or JPEG is refused.
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
    let names = try Dataset.visible(directory)
    let folders = names.filter { Folder.exists("\(directory)/\($0)") }
    guard !folders.isEmpty else {
      throw DatasetError(
        .content, in: directory,
        "holds no folders, expected one for each class, with its images; pictures without classes are for"
          + " gibbon classify")
    }
    let classes = try FolderClasses(folders, in: directory, names: options.classNames)
    let remarks = Remarks()
    if let remark = classes.remark { remarks.add(.folders, "\(name): \(remark)") }
    let strays = Set(names).subtracting(folders).filter(ImageFile.isImage).sorted()
    if let stray = strays.first {
      let count = strays.count == 1 ? "a picture lies" : "\(strays.count) pictures lie"
      remarks.add(
        .strays,
        "\(name): \(count) beside the folders of the classes and \(strays.count == 1 ? "is" : "are") not read, such as"
          + " \(stray)")
    }
    var paths: [String] = []
    var allLabels: [Int] = []
    for (folder, label) in zip(folders, classes.labels) {
      let path = "\(directory)/\(folder)"
      for file in try Dataset.visible(path) {
        try Dataset.checkImage("\(path)/\(file)", in: path)
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
      let picture = try DatasetError.image(first).picture
      let side = options.resize
      shape =
        side.map { [picture.channels.rawValue, $0, $0] }
        ?? [picture.channels.rawValue, picture.height, picture.width]
    }
    let preparation = try ImagePreparation(shape: shape, resize: options.resize)
    self.init(
      name: name, exampleShape: shape,
      storage: .source(
        FolderExamples(
          paths: paths, preparation: preparation, levels: options.levels, remarks: remarks)),
      targets: .classes(allLabels), classNames: classes.names, bounds: options.levels.bounds,
      remarks: remarks)
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

  /// What systems and programs leave in folders beside hidden files.
  private static let litter: Set<String> = [
    "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini", "Icon\r", "@eaDir",
    "$RECYCLE.BIN", "System Volume Information",
  ]

  /// What is in a folder, without hidden files and litter.
  private static func visible(_ directory: String) throws(DatasetError) -> [String] {
    do throws(FileError) {
      return try Folder.names(in: directory).filter {
        !$0.hasPrefix(".") && !litter.contains($0)
      }
    } catch {
      throw DatasetError(.unreadable, in: directory, "cannot be listed: \(error.reason)")
    }
  }

  /// Makes sure that a file in the folder of a class is a picture by its name, or else by its content.
  private static func checkImage(_ path: String, in folder: String) throws(DatasetError) {
    if Folder.exists(path) {
      throw DatasetError(
        .content, in: path,
        "is a folder, expected only images in the folder of a class; if the classes are in \(folder), use"
          + " images:\(folder)")
    }
    if ImageFile.isImage(path) { return }
    let start = (try? RandomAccessFile(path: path).bytes(at: 0..<4096)) ?? []
    switch ImageFormat(start: start) {
    case let known? where known == .png || known == .jpeg:
      if !path.dropFirst(folder.count).contains(".") { return }
      throw DatasetError(
        .content, in: path,
        "is \(known.words) by its content, expected only images in the folder of a class (.png, .jpg or .jpeg);"
          + " rename it")
    case let other?:
      throw DatasetError(
        .content, in: path,
        "is \(other.words), expected only images in the folder of a class (.png, .jpg or .jpeg); \(other.conversion),"
          + " and remove the original")
    case nil:
      throw DatasetError(
        .content, in: path,
        "expected only images in the folder of a class: .png, .jpg or .jpeg; take other files away")
    }
  }
}

/// Pictures in files, which are read and prepared when they are asked for.
struct FolderExamples: ExampleSource {
  let paths: [String]
  let preparation: ImagePreparation
  let levels: ByteLevels
  let remarks: Remarks

  var exampleCount: Int { paths.count }
  var exampleSize: Int { preparation.shape.count }

  func copy(
    example index: Int, to buffer: UnsafeMutableBufferPointer<Float>
  ) throws(DatasetError) {
    let file = try DatasetError.image(paths[index])
    if let remark = file.orientationRemark {
      remarks.add(.orientation, "\(paths[index]): \(remark)")
    }
    let picture = preparation.apply(to: file.picture)
    picture.planes.withUnsafeBufferPointer { levels.convert($0, to: buffer) }
  }
}

extension DatasetError {
  /// The picture in a file.
  static func image(_ path: String) throws(DatasetError) -> ImageFile {
    do throws(ImageError) {
      return try ImageFile(path: path)
    } catch {
      throw DatasetError(.format, in: error.file, error.message)
    }
  }
}

extension ImageFile {
  /// That the picture is not turned as its camera noted, if it noted any turn; to follow the name of the file.
  package var orientationRemark: String? {
    guard orientation != 1 else { return nil }
    return
      "is read without its EXIF orientation (\(orientation)), as in torchvision; to apply it, use Pillow's"
      + " ImageOps.exif_transpose"
  }
}
