import ArgumentParser
import Datasets
import Networks
import Tensors

/// On which examples a network is tried, if on any; as `DataArguments`, but that there need be none.
struct TrialArguments: ParsableArguments {
  @Option(
    help: "Examples to try the network on, such as mnist:test.", completion: Completions.data)
  var data: String?

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional,
    help: "How many examples there are to draw a few hundred from; all by default.",
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

  /// The shape of the examples; `nil` without data.
  ///
  /// - Throws: As `load`.
  func exampleShape() throws -> Shape? {
    try data.map { try DataArguments.exampleShape(of: $0, form) }
  }

  /// Opens the examples for a model; `nil` without data.
  ///
  /// - Throws: `DatasetError`, or `BadArgument` for options that need data.
  func load(for input: InputForm) throws -> Dataset? {
    guard let data else {
      guard count == nil, offset == 0, !form.isGiven else {
        throw BadArgument("--count, --offset and the options of data need --data")
      }
      return nil
    }
    return try DataArguments.part(
      count, from: offset, of: data, form, for: input, needsLabels: false)
  }
}
