import Files
public import Tensors

/// A data set as it is named on the command line.
///
///     let data = try DataReference("mnist:test").load()
public enum DataReference: Hashable, Sendable {
  /// A split of MNIST, from the program itself or from a folder: `mnist:test`, `mnist:test@DIR`.
  case mnist(MNIST.Split, directory: String? = nil)

  /// A file of images and a file of labels: `idx:IMAGES,LABELS`.
  case idx(images: String, labels: String)

  /// A part of CIFAR-10 or CIFAR-100 from a folder: `cifar10:test@DIR`.
  case cifar(CIFAR, part: String, directory: String)

  /// Arrays `x` and `y` in one file: `npz:FILE`.
  case npz(String)

  /// An array of examples and an array of labels in two files: `npy:X,Y`.
  case npy(inputs: String, labels: String)

  /// A folder of images for each class in a folder: `images:DIR`.
  case images(String)

  /// A table of numbers with a column of classes: `csv:FILE`.
  case csv(String)

  /// What is understood, for messages.
  public static let forms = [
    "mnist:test", "mnist:train", "mnist:test@DIR", "cifar10:test@DIR", "cifar100:train@DIR",
    "npz:FILE", "npy:X,Y", "idx:IMAGES,LABELS", "images:DIR", "csv:FILE",
  ]

  /// What references begin with.
  public static let schemes = [
    "mnist", "cifar10", "cifar100", "npz", "npy", "idx", "images", "csv",
  ]

  /// Reads a reference; no file is opened.
  ///
  /// - Throws: `DatasetError` of kind `.reference` that lists what is understood.
  public init(_ text: String) throws(DatasetError) {
    guard let (scheme, rest) = text.cut(at: ":") else {
      throw DataReference.notUnderstood(
        text, "there is no such data set\(DataReference.suggestion(for: text))")
    }
    switch scheme {
    case "mnist": self = try DataReference.mnist(rest, text)
    case "cifar10", "cifar100": self = try DataReference.cifar(scheme, rest, text)
    case "idx":
      let (images, labels) = try DataReference.pair(rest, text)
      self = .idx(images: images, labels: labels)
    case "npy":
      let (inputs, labels) = try DataReference.pair(rest, text)
      self = .npy(inputs: inputs, labels: labels)
    case "npz": self = .npz(try DataReference.path(rest, text))
    case "images": self = .images(try DataReference.path(rest, text))
    case "csv": self = .csv(try DataReference.path(rest, text))
    default:
      let near =
        scheme.nearest(among: DataReference.schemes).map { " (did you mean \($0):?)" } ?? ""
      throw DataReference.notUnderstood(text, "no data set is named '\(scheme):'\(near)")
    }
  }

  /// What a path without a form, or a name without its colon, probably is.
  private static func suggestion(for text: String) -> String {
    let forms = [
      ".npz": "npz:\(text)", ".csv": "csv:\(text)", ".tsv": "csv:\(text)",
      ".npy": "npy:\(text),LABELS",
    ]
    let isFolder = text.hasSuffix("/") || Folder.exists(text)
    let form =
      isFolder ? "images:\(text)" : forms.first { text.lowercased().hasSuffix($0.key) }?.value
    if let form { return " (did you mean \(form)?)" }
    // The colon may be missing, or be another mark.
    let known = ["mnist:test", "mnist:train"]
    let name = text.nearest(among: known) ?? text.nearest(among: schemes)
    let whole = name.flatMap { name in
      known.contains(name) ? name : DataReference.forms.first { $0.hasPrefix(name + ":") }
    }
    return whole.map { " (did you mean \($0)?)" } ?? ""
  }

  /// The single files that it names; folders are left out.
  public var files: [String] {
    switch self {
    case .npz(let path), .csv(let path): [path]
    case .npy(let inputs, let labels): [inputs, labels]
    case .idx(let images, let labels): [images, labels]
    case .mnist, .cifar, .images: []
    }
  }

  /// Opens the data set.
  ///
  /// Labels are read into memory. Examples are read when they are asked for where the format allows it: IDX,
  /// NumPy arrays that are not compressed, binary CIFAR, and folders of images. All files may be gzipped; those
  /// that are, and all others, are held in memory.
  ///
  /// - Parameter options: What is known beside the reference.
  /// - Returns: The examples.
  /// - Throws: `DatasetError` that names the file, the place and what was expected there.
  public func load(_ options: DataOptions = DataOptions()) throws(DatasetError) -> Dataset {
    switch self {
    case .mnist(let split, nil):
      try MNIST.load(split).spread(over: options.bounds ?? 0...1)
    case .mnist(let split, let directory?):
      try MNIST.load(split, directory: directory).spread(over: options.bounds ?? 0...1)
    case .idx(let images, let labels):
      try Dataset(name: description, images: images, labels: labels, options: options)
    case .cifar(let database, let part, let directory):
      try database.load(part, directory: directory, options: options)
    case .npz(let path):
      try Dataset(name: description, npz: NPZ(path: path), options: options)
        .measuringColumns(options)
    case .npy(let inputs, let labels):
      try Dataset(
        name: description, inputs: NPYArray(path: inputs), labels: NPYArray(path: labels),
        options: options
      ).measuringColumns(options)
    case .images(let directory):
      try Dataset(name: description, images: directory, options: options)
    case .csv(let path): try Dataset(name: description, csv: path, options: options)
    }
  }

  private static func mnist(_ rest: String, _ text: String) throws(DatasetError) -> DataReference {
    let (name, directory) = rest.cut(at: "@").map { ($0.0, $0.1 as String?) } ?? (rest, nil)
    guard let split = MNIST.Split(rawValue: name) else {
      throw notUnderstood(
        text, "MNIST has no split '\(name)'\(name.suggestion(among: ["train", "test"]))")
    }
    guard directory?.isEmpty != true else { throw notUnderstood(text, "no folder follows '@'") }
    return .mnist(split, directory: directory)
  }

  private static func cifar(
    _ scheme: String, _ rest: String, _ text: String
  ) throws(DatasetError) -> DataReference {
    guard let (part, directory) = rest.cut(at: "@"), !directory.isEmpty else {
      throw notUnderstood(text, "no folder follows '@'")
    }
    guard let database = CIFAR(rawValue: scheme), database.files(of: part) != nil else {
      let near = part.suggestion(among: ["train", "test"])
      throw notUnderstood(text, "\(scheme) has no part '\(part)'\(near)")
    }
    return .cifar(database, part: part, directory: directory)
  }

  private static func pair(
    _ rest: String, _ text: String
  ) throws(DatasetError) -> (String, String) {
    let scheme = text.prefix { $0 != ":" }
    guard let (first, second) = rest.cut(at: ","), !second.contains(",") else {
      throw notUnderstood(text, "'\(scheme):' takes two files, joined by one comma")
    }
    guard !first.isEmpty && !second.isEmpty else {
      throw notUnderstood(text, "'\(scheme):' takes two files, but one is missing")
    }
    return (first, second)
  }

  private static func path(_ rest: String, _ text: String) throws(DatasetError) -> String {
    guard !rest.isEmpty else {
      throw notUnderstood(text, "nothing follows '\(text.prefix { $0 != ":" }):'")
    }
    return rest
  }

  private static func notUnderstood(_ text: String, _ reason: String) -> DatasetError {
    let (last, others) = (forms[forms.count - 1], forms.dropLast().joined(separator: ", "))
    return DatasetError(
      .reference, in: "'\(text)'", "\(reason); expected \(others) or \(last)")
  }
}

extension DataReference: CustomStringConvertible {
  /// The form on the command line.
  public var description: String {
    switch self {
    case .mnist(let split, nil): "mnist:\(split)"
    case .mnist(let split, let directory?): "mnist:\(split)@\(directory)"
    case .idx(let images, let labels): "idx:\(images),\(labels)"
    case .cifar(let database, let part, let directory):
      "\(database.rawValue):\(part)@\(directory)"
    case .npz(let path): "npz:\(path)"
    case .npy(let inputs, let labels): "npy:\(inputs),\(labels)"
    case .images(let directory): "images:\(directory)"
    case .csv(let path): "csv:\(path)"
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

/// What is known about data beside the reference that names them.
public struct DataOptions: Hashable, Sendable {
  /// In which order the axes of an image follow.
  public enum Layout: String, Hashable, Sendable, CaseIterable {
    /// Channels, height, width; what networks take here.
    case channelsFirst = "nchw"
    /// Height, width, channels; converted.
    case channelsLast = "nhwc"
  }

  /// The shape of one example that a network takes; images of folders and photographs are cut to it.
  public var shape: Shape?

  /// The range that values must lie in, which bytes are spread over; by default 0...1, and for
  /// features without a shape of images the range that they have.
  public var bounds: ClosedRange<Float>?

  /// The range that numbers of arrays lie in, if they are to be spread over the bounds from there,
  /// such as 0...255.
  public var valueRange: ClosedRange<Float>?

  /// The order of the axes of arrays of images; by default channels first, and what looks different is
  /// refused.
  public var layout: Layout?

  /// The length that the shorter side of an image in a folder is brought to before its middle is cut out;
  /// by default the least that fills the shape.
  public var resize: Int?

  /// The column of a table with the class, by its name or its number from 1, or several of them joined by
  /// commas; by default one that is called as targets usually are.
  public var target: String?

  /// What the targets are; by default what they look like: whole numbers are classes, several columns of 0 and
  /// 1 labels, and other numbers are those of a regression.
  public var targets: TargetKind?

  /// The number of outputs that the network has, if that is known: a single one tells no more than two classes apart,
  /// so that other floating-point numbers are those of a regression.
  public var outputCount: Int?

  /// The names of the classes by label; what data sets name otherwise by themselves.
  public var classNames: [String]

  /// The means and standard deviations that the network normalises by, if it does: data that are normalised already
  /// are probably so by these.
  public var statistics: Statistics?

  /// What values are normalised by: one number for each channel, or one for all.
  public struct Statistics: Hashable, Sendable {
    /// The means.
    public var means: [Float]
    /// The standard deviations.
    public var deviations: [Float]

    /// Creates statistics.
    public init(means: [Float], deviations: [Float]) {
      (self.means, self.deviations) = (means, deviations)
    }
  }

  /// Whether each column of a table, or of an array N x D, has bounds of its own: its least and its largest value.
  public var boundsColumns = false

  /// The columns of a table, or of an array N x D, that must not change, by names or by numbers from 1, joined by
  /// commas.
  public var fixedColumns: String?

  /// Whether arrays and tables may come without labels, where they are not asked for.
  public var allowsUnlabelled = false

  /// Creates options.
  public init(
    shape: Shape? = nil, bounds: ClosedRange<Float>? = nil,
    valueRange: ClosedRange<Float>? = nil, layout: Layout? = nil,
    resize: Int? = nil, target: String? = nil, targets: TargetKind? = nil,
    classNames: [String] = []
  ) {
    self.shape = shape
    self.bounds = bounds
    self.valueRange = valueRange
    self.layout = layout
    self.resize = resize
    self.target = target
    self.targets = targets
    self.classNames = classNames
  }

  /// What the values of bytes stand for.
  var levels: ByteLevels { ByteLevels(bounds ?? 0...1) }
}
