import ArgumentParser
import Datasets
import Files
import Networks
import Tensors

/// Which examples a command works on.
struct DataArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The examples: \(DataReference.forms.joined(separator: ", ")); mnist:test by default."),
    completion: Completions.data)
  var data: String?

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional,
    help: "How many examples to take; all by default.",
    transform: Parse.integer)
  var count: Int?

  @Option(
    parsing: .unconditional,
    help: "How many examples to leave out at the beginning.",
    transform: Parse.integer)
  var offset = 0

  mutating func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is \(count); expected 1 or more") }
    if offset < 0 { throw ValidationError("--offset is \(offset); expected 0 or more") }
  }

  /// Opens the examples for a model.
  ///
  /// - Parameters:
  ///   - input: What is known of its inputs.
  ///   - needsLabels: Whether data without labels are refused.
  ///   - targets: What the targets have to be, where nothing else was said of them.
  /// - Returns: The examples that `--count` and `--offset` choose.
  /// - Throws: `DatasetError`, or `BadArgument` that names the option.
  func load(
    for input: InputForm, needsLabels: Bool = true, targets: TargetKind? = nil
  ) throws -> Dataset {
    try DataArguments.part(
      count, from: offset, of: data ?? "mnist:test", form, for: input, needsLabels: needsLabels,
      targets: targets)
  }

  /// Opens a part of the examples of a reference for a model.
  static func part(
    _ count: Int?, from offset: Int, of data: String, _ form: DataFormArguments,
    for input: InputForm, needsLabels: Bool, targets: TargetKind? = nil
  ) throws -> Dataset {
    var options = try form.options(for: DataReference(data))
    options.allowsUnlabelled = !needsLabels
    if options.targets == nil { options.targets = targets }
    let whole = try DataArguments.open(data, for: input, options)
    guard offset < whole.count else {
      throw BadArgument("--offset is \(offset), but \(data) has \(whole.count) examples")
    }
    if let count, count > whole.count - offset {
      throw BadArgument(
        "--count is \(count) from --offset \(offset) on, but \(data) has \(whole.count) examples")
    }
    return whole.subset(offset: offset, count: count)
  }

  /// The shape of the examples, for a network that takes any.
  ///
  /// - Throws: As `load`.
  func exampleShape() throws -> Shape {
    try DataArguments.exampleShape(of: data ?? "mnist:test", form)
  }

  /// The shape of the examples of a reference, for a network that takes any.
  static func exampleShape(of data: String, _ form: DataFormArguments) throws -> Shape {
    let reference = try DataReference(data)
    var options = try form.options(for: reference)
    options.allowsUnlabelled = true
    return try reference.load(options).exampleShape
  }

  /// Opens all examples of a reference for a model.
  static func open(
    _ reference: String, for input: InputForm, _ options: DataOptions = DataOptions()
  ) throws -> Dataset {
    var options = options
    let parsed = try DataReference(reference)
    options.classNames = input.classNames
    options.outputCount = input.outputCount
    options.statistics = input.statistics
    guard let shape = input.shape else { return try parsed.load(options).tellingRemarks() }
    options.shape = shape
    if case .images = parsed { options.shape = shape.picture }
    if shape.rank == 3 { options.bounds = input.bounds }
    let data = try parsed.load(options).tellingRemarks()
    if data.exampleShape == shape, shape.hasChannelsLast, options.layout == nil {
      Terminal.note(
        "gibbon: \(data.name): examples of \(shape) are taken as they are; of pictures that have the channels"
          + " last say --data-layout nhwc --layout nhwc")
    }
    return data.fitted(to: shape, rows: input.order, images: options.layout)
  }
}

extension Dataset {
  /// The same data, which say on standard error what is met in them.
  fileprivate func tellingRemarks() -> Dataset {
    remarks.tell { Terminal.note("gibbon: \($0)") }
    return self
  }

  /// Makes sure that a model can be run on the examples.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - areClasses: Whether labels must be classes of the model's, and other targets as many as its outputs.
  /// - Throws: `BadArgument`.
  func check(fits model: Subject, labels areClasses: Bool = true) throws {
    guard exampleShape == model.input.shape else {
      throw BadArgument(
        "\(name): examples are \(exampleShape), but \(model.name) takes \(model.input.shape)"
          + remedy(for: model.input.shape) + widthHint)
    }
    guard areClasses, isLabelled else { return }
    guard targetKind == .classes else {
      guard targetWidth == model.outputCount else {
        throw BadArgument(
          "\(name): each example has \(targetWidth) \(targetKind == .numbers ? "numbers" : "labels") as"
            + " its target, but \(model.name) has \(model.outputCount) outputs\(targetHint)"
            + targetsRemedy(
              "--targets classes is for whole numbers and for a single 1 among zeros"))
      }
      return
    }
    try checkClasses(for: model)
  }
}
