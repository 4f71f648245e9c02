import ArgumentParser
import Datasets
import Networks
import Tensors

/// Which examples a command works on.
struct DataArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The examples: \(DataReference.forms.joined(separator: ", ")); mnist:test by default."))
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

  /// Opens the examples for a network.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - order: In which order it takes the values of pictures, if it takes rows and that is said.
  ///   - needsLabels: Whether data without labels are refused.
  ///   - targets: What the targets have to be, where nothing else was said of them.
  /// - Returns: The examples that `--count` and `--offset` choose.
  /// - Throws: `DatasetError`, or `BadArgument` that names the option.
  func load(
    for network: Network, order: InputDescription.Layout? = nil, needsLabels: Bool = true,
    targets: TargetKind? = nil
  ) throws -> Dataset {
    try DataArguments.part(
      count, from: offset, of: data ?? "mnist:test", form, for: network, order: order,
      needsLabels: needsLabels, targets: targets)
  }

  /// Opens a part of the examples of a reference for a network.
  static func part(
    _ count: Int?, from offset: Int, of data: String, _ form: DataFormArguments,
    for network: Network, order: InputDescription.Layout?, needsLabels: Bool,
    targets: TargetKind? = nil
  ) throws -> Dataset {
    var options = try form.options(for: DataReference(data))
    options.allowsUnlabelled = !needsLabels
    if options.targets == nil { options.targets = targets }
    let whole = try DataArguments.open(data, for: network, options, order: order)
    guard offset < whole.count else {
      throw BadArgument("--offset is \(offset), but \(data) has \(whole.count) examples")
    }
    if let count, count > whole.count - offset {
      throw BadArgument(
        "--count is \(count) from --offset \(offset) on, but \(data) has \(whole.count) examples")
    }
    return whole.subset(offset: offset, count: count)
  }

  /// Opens all examples of a reference for a network.
  static func open(
    _ reference: String, for network: Network, _ options: DataOptions = DataOptions(),
    order: InputDescription.Layout? = nil
  ) throws -> Dataset {
    var options = options
    let parsed = try DataReference(reference)
    options.shape = network.input.shape
    // Pictures keep the size that they have, if that is as many values.
    if case .images = parsed, network.input.shape.rank == 1 { options.shape = nil }
    options.classNames = network.input.classNames
    if network.input.shape.rank == 3 {
      options.bounds = network.input.lowerBound...network.input.upperBound
    }
    return try parsed.load(options).fitted(
      to: network.input.shape, rows: order, images: options.layout)
  }
}

extension Dataset {
  /// Makes sure that a network can be run on the examples.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - model: What to call it.
  ///   - areClasses: Whether labels must be classes of the network's, and other targets as many as its outputs.
  /// - Throws: `BadArgument`.
  func check(fits network: Network, called model: String, labels areClasses: Bool = true) throws {
    guard exampleShape == network.input.shape else {
      throw BadArgument(
        "\(name): examples are \(exampleShape), but \(model) takes \(network.input.shape)"
          + remedy(for: network.input.shape))
    }
    guard areClasses, isLabelled else { return }
    guard targetKind == .classes else {
      guard targetWidth == network.outputCount else {
        throw BadArgument(
          "\(name): each example has \(targetWidth) \(targetKind == .numbers ? "numbers" : "labels") as"
            + " its target, but \(model) has \(network.outputCount) outputs")
      }
      return
    }
    guard network.outputCount > 1 else { return }
    let classes = network.outputCount
    if let label = labels.max(), label >= classes {
      let countsFromOne = label == classes && labels.min() ?? 0 >= 1
      throw BadArgument(
        "\(name): label \(label), but \(model) has \(classes) classes"
          + (countsFromOne ? "; the labels seem to count from 1, expected them from 0" : ""))
    }
  }
}
