/// A data set as it is named on the command line.
///
///     let data = try DataReference("mnist:test").load()
public enum DataReference: Hashable, Sendable {
  /// A split of MNIST, from the program itself or from a folder: `mnist:test`, `mnist:test@DIR`.
  case mnist(MNIST.Split, directory: String? = nil)

  /// A file of images and a file of labels: `idx:IMAGES,LABELS`, gzipped or not.
  case idx(images: String, labels: String)

  /// What is understood, for messages.
  public static let forms = [
    "mnist:test", "mnist:train", "mnist:test@DIR", "mnist:train@DIR", "idx:IMAGES,LABELS",
  ]

  private static let laterForms: Set<String> = ["cifar10", "npz", "images", "csv"]

  /// Reads a reference; no file is looked at.
  ///
  /// - Throws: `DatasetError` of kind `.reference` that lists what is understood.
  public init(_ text: String) throws(DatasetError) {
    guard let (scheme, rest) = text.cut(at: ":") else {
      throw DataReference.notUnderstood(text, "no data set is named so")
    }
    switch scheme {
    case "mnist": self = try DataReference.mnist(rest, text)
    case "idx":
      guard let (images, labels) = rest.cut(at: ","), !labels.contains(",") else {
        throw DataReference.notUnderstood(text, "'idx:' takes two files, joined by one comma")
      }
      guard !images.isEmpty && !labels.isEmpty else {
        throw DataReference.notUnderstood(text, "'idx:' takes two files, and one is left out")
      }
      self = .idx(images: images, labels: labels)
    case _ where DataReference.laterForms.contains(scheme):
      throw DataReference.notUnderstood(text, "'\(scheme):' is not supported yet")
    default: throw DataReference.notUnderstood(text, "no data set is named '\(scheme):'")
    }
  }

  /// Reads the data set into memory.
  ///
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  public func load() throws(DatasetError) -> Dataset {
    switch self {
    case .mnist(let split, nil): try MNIST.load(split)
    case .mnist(let split, let directory?): try MNIST.load(split, directory: directory)
    case .idx(let images, let labels):
      try Dataset(
        name: description, images: IDX(contentsOf: images), labels: IDX(contentsOf: labels))
    }
  }

  private static func mnist(_ rest: String, _ text: String) throws(DatasetError) -> DataReference {
    let (name, directory) = rest.cut(at: "@").map { ($0.0, $0.1 as String?) } ?? (rest, nil)
    guard let split = MNIST.Split(rawValue: name) else {
      throw notUnderstood(text, "MNIST has no split '\(name)'")
    }
    guard directory?.isEmpty != true else { throw notUnderstood(text, "no folder follows '@'") }
    return .mnist(split, directory: directory)
  }

  private static func notUnderstood(_ text: String, _ reason: String) -> DatasetError {
    let (last, others) = (forms[forms.count - 1], forms.dropLast().joined(separator: ", "))
    return DatasetError(
      .reference, in: "'\(text)'", "\(reason); understood are \(others) and \(last)")
  }
}

extension DataReference: CustomStringConvertible {
  /// The form on the command line.
  public var description: String {
    switch self {
    case .mnist(let split, nil): "mnist:\(split)"
    case .mnist(let split, let directory?): "mnist:\(split)@\(directory)"
    case .idx(let images, let labels): "idx:\(images),\(labels)"
    }
  }
}

extension String {
  /// What precedes and what follows the first separator, or `nil` if there is none.
  fileprivate func cut(at separator: Character) -> (String, String)? {
    guard let place = firstIndex(of: separator) else { return nil }
    return (String(self[..<place]), String(self[index(after: place)...]))
  }
}
