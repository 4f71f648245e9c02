import ArgumentParser
import Datasets
import Networks

/// Which examples a command works on.
struct DataArguments: ParsableArguments {
  @Option(help: "The examples: mnist:test, mnist:train, mnist:test@DIR or idx:IMAGES,LABELS.")
  var data = "mnist:test"

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
  func load(for network: Network) throws -> Dataset {
    var options = DataOptions(shape: network.input.shape, classNames: network.input.classNames)
    if network.input.shape.rank == 3 {
      options.bounds = network.input.lowerBound...network.input.upperBound
    }
    let whole = try DataReference(data).load(options)
    guard offset < whole.count else {
      throw BadArgument("--offset is \(offset), but \(data) has \(whole.count) examples")
    }
    if let count, count > whole.count - offset {
      throw BadArgument(
        "--count is \(count) from --offset \(offset) on, but \(data) has \(whole.count) examples")
    }
    return whole.subset(offset: offset, count: count)
  }
}

extension Dataset {
  /// Makes sure that a network can be run on the examples.
  ///
  /// - Throws: `BadArgument`.
  func check(fits network: Network, called model: String) throws {
    guard exampleShape == network.input.shape else {
      let last = exampleShape.extents.dropFirst() + exampleShape.extents.prefix(1)
      throw BadArgument(
        "\(name): examples are \(exampleShape), but \(model) takes \(network.input.shape)"
          + (Array(last) == network.input.shape.extents && exampleShape.rank == 3
            ? "; a network that has the channels last needs --layout nhwc" : ""))
    }
    let classes = max(2, network.outputCount)
    if let label = labels.max(), label >= classes {
      let countsFromOne = label == classes && labels.min() ?? 0 >= 1
      throw BadArgument(
        "\(name): label \(label), but \(model) has \(classes) classes"
          + (countsFromOne ? "; the labels seem to count from 1, expected them from 0" : ""))
    }
  }
}
