import Archives

/// The MNIST database of handwritten digits: 28x28 grey images of the digits 0 to 9, white on black.
///
/// The database is part of the program. It is by Yann LeCun, Corinna Cortes and Christopher Burges: LeCun,
/// Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
/// IEEE 86(11), 1998, https://doi.org/10.1109/5.726791.
public enum MNIST {
  /// A split of the database, from the program itself.
  ///
  /// - Throws: `DatasetError` of kind `.digest`, `.compression` or `.tooLarge` if the program is damaged.
  public static func load(_ split: Split) throws(DatasetError) -> Dataset {
    try dataset(
      named: "mnist:\(split)", images: split.images.embedded(), labels: split.labels.embedded())
  }

  /// A split of the database from a folder with files of the original names, gzipped or not.
  ///
  /// The names are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
  /// `t10k-labels-idx1-ubyte`, alone or with `.gz` at the end; only those of the split are looked for.
  ///
  /// - Throws: `DatasetError` of kind `.unreadable` if a file is missing, `.compression` or `.tooLarge` if it
  ///   cannot be decompressed, and `.digest` unless it holds exactly what the original holds.
  public static func load(_ split: Split, directory: String) throws(DatasetError) -> Dataset {
    try dataset(
      named: "mnist:\(split)@\(directory)", images: split.images.contents(directory: directory),
      labels: split.labels.contents(directory: directory))
  }

  private static func dataset(
    named name: String, images: FileContents, labels: FileContents
  ) throws(DatasetError) -> Dataset {
    try Dataset(
      name: name, images: IDX(images.bytes, named: images.name),
      labels: IDX(labels.bytes, named: labels.name), classNames: (0...9).map(String.init))
  }
}
