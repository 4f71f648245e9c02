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
    guard 2...4 ~= images.shape.rank else {
      throw DatasetError(
        .content, in: images.name, at: 3,
        "found rank \(images.shape.rank), expected images of rank 2 to 4")
    }
    guard images.shape.count > 0 else {
      throw DatasetError(
        .content, in: images.name, at: 4,
        "the extents are \(images.shape), expected at least one image and one pixel")
    }
    guard labels.shape.rank == 1 else {
      throw DatasetError(
        .content, in: labels.name, at: 3,
        "found rank \(labels.shape.rank), expected labels of rank 1")
    }
    guard labels.shape[0] == images.shape[0] else {
      throw DatasetError(
        .content, in: labels.name, at: 4,
        "found \(labels.shape[0]) labels, expected \(images.shape[0]), one for each image of"
          + " \(images.name)")
    }
    let largest = Int(labels.values.max() ?? 0)
    let classNames = classNames ?? (0...max(1, largest)).map(String.init)
    guard largest < classNames.count else {
      throw DatasetError(
        .content, in: labels.name,
        "found the label \(largest), expected labels below \(classNames.count)")
    }
    let example = images.shape.droppingFirst
    self.init(
      name: name, exampleShape: example.rank == 2 ? example.prepending(1) : example,
      storage: .bytes(images.values), labels: labels.values.map(Int.init), classNames: classNames,
      bounds: 0...1)
  }
}
