import Archives
import Tensors

extension Dataset {
  /// Joins an array of images and an array of labels, one for each image.
  ///
  /// Images are N x H x W, which makes examples of shape 1 x H x W, or N x C x H x W, or N x D.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - images: The images, at least one.
  ///   - labels: The labels, of rank 1.
  ///   - classNames: The names of the classes; by default the numbers from 0 to the largest label, and
  ///     at least two.
  /// - Throws: `DatasetError` of kind `.content` if the arrays do not serve or do not belong together.
  public init(
    name: String, images: IDX, labels: IDX, classNames: [String]? = nil
  ) throws(DatasetError) {
    try self.init(
      name: name, shape: images.shape, imagesName: images.name, labels: labels,
      classNames: classNames, options: DataOptions()
    ) { _ in .bytes(images.values, .unit) }
  }

  /// Joins a file of images, which are read when they are asked for, and a file of labels.
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  init(
    name: String, images path: String, labels: String, options: DataOptions
  ) throws(DatasetError) {
    let source = try DatasetError.converting { () throws(ArchiveError) in
      try ByteSources.open(path)
    }
    let header = try IDXHeader(source)
    try self.init(
      name: name, shape: header.shape, imagesName: source.name,
      labels: IDX(contentsOf: labels),
      classNames: options.classNames.isEmpty ? nil : options.classNames, options: options
    ) { size in
      .source(
        RecordExamples(
          source: source, start: header.start, distance: size, exampleCount: header.shape[0],
          exampleSize: size, levels: options.levels))
    }
  }

  private init(
    name: String, shape: Shape, imagesName: String, labels: IDX, classNames: [String]?,
    options: DataOptions, storage: (Int) -> Storage
  ) throws(DatasetError) {
    guard 2...4 ~= shape.rank else {
      throw DatasetError(
        .content, in: imagesName, at: 3,
        "found rank \(shape.rank), expected images of rank 2 to 4")
    }
    guard shape.count > 0 else {
      throw DatasetError(
        .content, in: imagesName, at: 4,
        "the extents are \(shape), expected at least one image and one pixel")
    }
    guard labels.shape.rank == 1 else {
      throw DatasetError(
        .content, in: labels.name, at: 3,
        "found rank \(labels.shape.rank), expected labels of rank 1")
    }
    guard labels.shape[0] == shape[0] else {
      throw DatasetError(
        .content, in: labels.name, at: 4,
        "found \(labels.shape[0]) labels, expected \(shape[0]), one for each image of"
          + " \(imagesName)")
    }
    let largest = Int(labels.values.max() ?? 0)
    let classNames = classNames ?? (0...max(1, largest)).map(String.init)
    guard largest < classNames.count else {
      throw DatasetError(
        .content, in: labels.name,
        "found the label \(largest), expected labels below \(classNames.count)")
    }
    let example = shape.droppingFirst
    self.init(
      name: name, exampleShape: example.rank == 2 ? example.prepending(1) : example,
      storage: storage(example.count), labels: labels.values.map(Int.init),
      classNames: classNames, bounds: options.levels.bounds)
  }
}
