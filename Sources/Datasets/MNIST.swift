import Archives
import CEmbedded
import Crypto
import Files

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

  /// A part of the database that is used as a whole.
  public enum Split: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// The 60,000 examples for training.
    case train
    /// The 10,000 examples for testing.
    case test

    /// The name on the command line, `train` or `test`.
    public var description: String { rawValue }
  }

  /// One of the four files of the database.
  struct File {
    /// The original name.
    let name: String
    /// The size in bytes of the uncompressed file.
    let count: Int
    /// The SHA-256 of the uncompressed file in hexadecimal digits.
    let digest: String
    /// The file as the program holds it, gzipped.
    let embeddedFile: EmbeddedFile

    /// The uncompressed and verified contents from the program itself.
    func embedded() throws(DatasetError) -> FileContents {
      let compressed = UnsafeBufferPointer(start: embeddedFile.bytes, count: embeddedFile.count)
      let bytes = try DatasetError.converting { () throws(ArchiveError) in
        try Gzip.decompress(compressed, named: "embedded \(name).gz", limit: count)
      }
      return try verified(FileContents(name: "embedded \(name)", bytes: bytes))
    }

    /// The uncompressed and verified contents from a folder.
    func contents(directory: String) throws(DatasetError) -> FileContents {
      guard Folder.exists(directory) else {
        throw DatasetError(
          .unreadable, in: directory,
          (WholeFile.exists(directory) ? "is no folder" : "there is no such folder")
            + ", expected one that holds \(name) or \(name).gz")
      }
      let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
      guard let found = [path, path + ".gz"].first(where: WholeFile.exists) else {
        throw DatasetError(
          .unreadable, in: directory, "holds neither \(name) nor \(name).gz, expected one of them")
      }
      return try verified(
        DatasetError.converting { () throws(ArchiveError) in
          try FileContents(inflating: found, limit: count)
        })
    }

    private func verified(_ contents: FileContents) throws(DatasetError) -> FileContents {
      var hash = SHA256()
      contents.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
      let found = String(hexadecimal: hash.finalize())
      guard found == digest else {
        throw DatasetError(
          .digest, in: contents.name,
          "the SHA-256 is \(found), expected \(digest) of the original \(name)")
      }
      return contents
    }
  }
}

extension MNIST.Split {
  /// The file of the images.
  var images: MNIST.File {
    switch self {
    case .train:
      MNIST.File(
        name: "train-images-idx3-ubyte", count: 47_040_016,
        digest: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        embeddedFile: .mnistTrainImages)
    case .test:
      MNIST.File(
        name: "t10k-images-idx3-ubyte", count: 7_840_016,
        digest: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        embeddedFile: .mnistTestImages)
    }
  }

  /// The file of the labels.
  var labels: MNIST.File {
    switch self {
    case .train:
      MNIST.File(
        name: "train-labels-idx1-ubyte", count: 60_008,
        digest: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        embeddedFile: .mnistTrainLabels)
    case .test:
      MNIST.File(
        name: "t10k-labels-idx1-ubyte", count: 10_008,
        digest: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        embeddedFile: .mnistTestLabels)
    }
  }
}
