import Settings
import Networks
package import Datasets
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
  ///   - observer: Told what is met in the data.
  /// - Returns: The examples that count and offset choose.
  /// - Throws: `DatasetError`, or `StudyError` that names the setting.
  package func load(
    for input: InputForm, needsLabels: Bool = true, targets: TargetKind? = nil,
    telling observer: Observer
  ) throws -> Dataset {
    var options = try form.options(for: DataReference(data))
    options.allowsUnlabelled = !needsLabels
    if options.targets == nil { options.targets = targets }
    let whole = try DataSettings.open(data, for: input, options, telling: observer)
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
    return try reference.load(options).exampleShape
  }

  /// Opens all examples of a reference for a model.
  static func open(
    _ reference: String, for input: InputForm, _ options: DataOptions = DataOptions(),
    telling observer: Observer
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
        "\(data.name): examples of \(shape) are taken as they are; of pictures that have the channels"
          + " last say \(Setting.dataLayout) nhwc \(Setting.layout) nhwc")
    }
    return data.fitted(to: shape, rows: input.order, images: options.layout, telling: observer)
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
          + remedy(for: model.input.shape) + widthHint)
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
}
