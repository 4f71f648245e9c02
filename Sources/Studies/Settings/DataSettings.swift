package import Datasets
import Networks
package import Settings
package import Tensors

/// Which examples a study works on.
public struct DataSettings: Sendable, Hashable, Codable {
  /// What names the data, such as `mnist:test` or `csv:FILE`; see `DataReference`.
  public var data = "mnist:test"
  /// What they do not say of themselves.
  public var form = DataFormSettings()
  /// How many examples to take; all by default.
  public var count: Int?
  /// How many examples to leave out at the beginning.
  public var offset = 0

  /// The examples that a reference names.
  public init(_ data: String = "mnist:test") { self.data = data }

  /// Makes sure that the numbers are in their ranges.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    if let count, count < 1 { throw StudyError("\(Setting.count) is \(count); expected 1 or more") }
    if offset < 0 { throw StudyError("\(Setting.offset) is \(offset); expected 0 or more") }
  }

  /// Opens the examples for a model.
  ///
  /// - Parameters:
  ///   - input: What is known of its inputs.
  ///   - needsLabels: Whether data without labels are refused.
  ///   - targets: What the targets have to be, where nothing else was said of them.
  ///   - setting: What names the data.
  ///   - observer: Told what is met in the data.
  /// - Returns: The examples that count and offset choose.
  /// - Throws: `DatasetError`, or `StudyError` that names the setting.
  package func load(
    for input: InputForm, needsLabels: Bool = true, targets: TargetKind? = nil,
    as setting: Setting = .data, telling observer: Observer
  ) throws -> Dataset {
    var options = try form.options(for: DataReference(data))
    options.allowsUnlabelled = !needsLabels
    if options.targets == nil { options.targets = targets }
    let whole = try DataSettings.open(
      data, as: setting, for: input, options, telling: observer)
    guard offset < whole.count else {
      throw StudyError("\(Setting.offset) is \(offset), but \(data) has \(whole.count) examples")
    }
    if let count, count > whole.count - offset {
      throw StudyError(
        "\(Setting.count) is \(count) from \(Setting.offset) \(offset) on, but \(data) has \(whole.count) examples"
      )
    }
    return whole.subset(offset: offset, count: count)
  }

  /// The shape of the examples, for a network that takes any.
  ///
  /// - Throws: As `load`.
  package func exampleShape() throws -> Shape {
    let reference = try DataReference(data)
    var options = try form.options(for: reference)
    options.allowsUnlabelled = true
    return try Setting.data.reading(data) { try reference.load(options).exampleShape }
  }

  /// Opens all examples of a reference for a model; `setting` is what names them.
  static func open(
    _ reference: String, as setting: Setting = .data, for input: InputForm,
    _ options: DataOptions = DataOptions(), telling observer: Observer
  ) throws -> Dataset {
    try setting.reading(reference) {
      try read(reference, for: input, options, telling: observer)
    }
  }

  private static func read(
    _ reference: String, for input: InputForm, _ options: DataOptions, telling observer: Observer
  ) throws -> Dataset {
    var options = options
    let parsed = try DataReference(reference)
    options.classNames = input.classNames
    options.outputCount = input.outputCount
    options.statistics = input.statistics
    guard let shape = input.shape else { return try parsed.load(options).telling(observer) }
    options.shape = shape
    if case .images = parsed { options.shape = shape.picture }
    if shape.rank == 3 { options.bounds = input.bounds }
    let data = try parsed.load(options).telling(observer)
    if data.exampleShape == shape, shape.hasChannelsLast, options.layout == nil {
      observer.note(
        "\(data.name): examples of \(shape) are taken unchanged; for pictures with channels last, add"
          + " \(Setting.dataLayout) nhwc \(Setting.layout) nhwc")
    }
    return data.fitted(to: shape, rows: input.order, images: options.layout, telling: observer)
  }
}

extension DataSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case data, form, count, offset
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.data, into: &data)
    try members.read(.form, into: &form)
    try members.read(.count, into: &count)
    try members.read(.offset, into: &offset)
  }
}

extension Dataset {
  /// The same data, which tell what is met in them.
  fileprivate func telling(_ observer: Observer) -> Dataset {
    remarks.tell { observer.note("\($0)") }
    return self
  }

  /// Makes sure that a model can be run on the examples.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - areClasses: Whether labels must be classes of the model's, and other targets as many as its outputs.
  /// - Throws: `StudyError`.
  package func check(fits model: Subject, labels areClasses: Bool = true) throws {
    guard exampleShape == model.input.shape else {
      throw StudyError(
        "\(name): examples are \(exampleShape), but \(model.name) takes \(model.input.shape)"
          + remedy(for: model.input.shape) + widthHint + standardHint)
    }
    guard areClasses, isLabelled else { return }
    guard targetKind == .classes else {
      guard targetWidth == model.outputCount else {
        throw StudyError(
          "\(name): each example has \(targetWidth) \(targetKind == .numbers ? "numbers" : "labels") as"
            + " its target, but \(model.name) has \(model.outputCount) outputs\(targetHint)"
            + targetsRemedy(
              "\(Setting.targets) classes is for whole numbers and for a single 1 among zeros"))
      }
      return
    }
    try checkClasses(for: model)
  }

  /// That these are the data where none are named, for a network that takes others; empty of other data.
  package var standardHint: String {
    let standard = [DataSettings().data, TrainingSpecification.standardData.data]
    guard standard.contains(name) else { return "" }
    return
      "; \(name) is used when \(Setting.data) is left out, so name the network's own data by it"
  }
}

/// What data sets do not say of themselves, as it is given in words.
public struct DataFormSettings: Sendable, Hashable, Codable {
  /// The order of axes of images in NumPy arrays, or of their values in rows: `nchw` or `nhwc`.
  public var dataLayout: String?
  /// The range that numbers in NumPy arrays and tables lie in, such as `0:255`; or `columns`, each of which has its own.
  public var dataRange: String?
  /// The shorter side of photographs before their middle is cut out, in pixels.
  public var resize: Int?
  /// The column of a table that holds the class, by name or by number from 1; several joined by commas.
  public var targetColumn: String?
  /// The columns of a table that must not change, joined by commas.
  public var fixedColumns: String?
  /// What the targets in NumPy arrays and tables are: `classes`, `multi-label` or `numbers`.
  public var targets: String?

  /// Nothing is said.
  public init() {}

  /// Takes over what others say.
  package mutating func take(_ other: DataFormSettings) {
    dataLayout = other.dataLayout ?? dataLayout
    dataRange = other.dataRange ?? dataRange
    resize = other.resize ?? resize
    targetColumn = other.targetColumn ?? targetColumn
    fixedColumns = other.fixedColumns ?? fixedColumns
    targets = other.targets ?? targets
  }

  /// The word that stands for the range of each column.
  private static let columns = "columns"

  /// Whether anything was given.
  var isGiven: Bool {
    dataLayout != nil || dataRange != nil || resize != nil || targetColumn != nil
      || fixedColumns != nil || targets != nil
  }

  /// What was given, as options of the data that a reference names.
  ///
  /// - Parameter reference: The data; `nil` for a photograph.
  /// - Returns: The options.
  /// - Throws: `StudyError` that names the option that has no such value or does not belong there.
  func options(for reference: DataReference?) throws -> DataOptions {
    let (isArray, isTable, isPicture) =
      switch reference {
      case .npz, .npy: (true, false, false)
      case .csv: (false, true, false)
      case .images, nil: (false, false, true)
      case .mnist, .idx, .cifar: (false, false, false)
      }
    let name = reference?.description ?? "a photograph"
    if dataLayout != nil, !isArray, !isTable {
      throw StudyError(
        "\(Setting.dataLayout) applies only to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    let boundsColumns = dataRange == DataFormSettings.columns
    if dataRange != nil, !isArray, !isTable {
      throw StudyError(
        "\(Setting.dataRange) applies only to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    if fixedColumns != nil, !isArray, !isTable {
      throw StudyError(
        "\(Setting.fixedColumns) applies only to csv:FILE, npz:FILE and npy:X,Y, not to \(name)")
    }
    if targetColumn != nil, !isTable {
      throw StudyError("\(Setting.targetColumn) applies only to csv:FILE, not to \(name)")
    }
    if resize != nil, !isPicture {
      throw StudyError(
        "\(Setting.resize) applies only to images:DIR and photographs, not to \(name)")
    }
    if targets != nil, !isTable, !isArray {
      throw StudyError(
        "\(Setting.targets) applies only to npz:FILE, npy:X,Y and csv:FILE, not to \(name)")
    }
    var options = DataOptions()
    if let dataLayout {
      guard let layout = DataOptions.Layout(rawValue: dataLayout) else {
        throw StudyError("\(Setting.dataLayout) is '\(dataLayout)'; expected nchw or nhwc")
      }
      options.layout = layout
    }
    if let resize, !(1...16_384 ~= resize) {
      throw StudyError("\(Setting.resize) is \(resize); expected 1 to 16384")
    }
    options.resize = resize
    options.boundsColumns = boundsColumns
    options.fixedColumns = fixedColumns
    if let dataRange, !boundsColumns {
      guard dataRange.contains(":") else {
        throw StudyError(
          "\(Setting.dataRange) is '\(dataRange)'; expected LOWER:UPPER, such as 0:255, or columns")
      }
      options.valueRange = try ModelSettings.range(dataRange, .dataRange)
    }
    options.target = targetColumn
    if let targets {
      guard let kind = TargetKind(rawValue: targets) else {
        throw StudyError(
          "\(Setting.targets) is '\(targets)'; expected classes, multi-label or numbers")
      }
      options.targets = kind
    }
    return options
  }
}
extension DataFormSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case dataLayout, dataRange, resize, targetColumn, fixedColumns, targets
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.dataLayout, into: &dataLayout)
    try members.read(.dataRange, into: &dataRange)
    try members.read(.resize, into: &resize)
    try members.read(.targetColumn, into: &targetColumn)
    try members.read(.fixedColumns, into: &fixedColumns)
    try members.read(.targets, into: &targets)
  }
}
