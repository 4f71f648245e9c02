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
  ///   - targets: What the targets have to be, where nothing else was said of them.
  /// - Returns: The examples that `--count` and `--offset` choose.
  /// - Throws: `BadArgument` or `DatasetError`.
  func load(for network: Network, targets: TargetKind? = nil) throws -> Dataset {
    let data = data ?? "mnist:test"
    var options = try form.options(for: DataReference(data))
    if options.targets == nil { options.targets = targets }
    let whole = try DataArguments.open(data, for: network, options)
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
    _ reference: String, for network: Network, _ options: DataOptions = DataOptions()
  ) throws -> Dataset {
    var options = options
    options.shape = network.input.shape
    options.classNames = network.input.classNames
    if network.input.shape.rank == 3 {
      options.bounds = network.input.lowerBound...network.input.upperBound
    }
    return try DataReference(reference).load(options)
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
      let last = exampleShape.extents.dropFirst() + exampleShape.extents.prefix(1)
      throw BadArgument(
        "\(name): examples are \(exampleShape), but \(model) takes \(network.input.shape)"
          + (Array(last) == network.input.shape.extents && exampleShape.rank == 3
            ? "; a network that has the channels last needs --layout nhwc" : ""))
    }
    guard areClasses else { return }
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
