import ArgumentParser
import Datasets

/// What data sets do not say of themselves.
struct DataFormArguments: ParsableArguments {
  @Option(
    help:
      "The order of axes of images in NumPy arrays: nchw or nhwc, which is converted; what looks like nhwc is refused otherwise."
  )
  var dataLayout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shorter side of photographs before their middle is cut out, such as 256 for networks that take 224; as little as fills the network's input by default.",
      valueName: "pixels"),
    transform: Parse.integer)
  var resize: Int?

  @Option(
    help: ArgumentHelp(
      "The column of a table that holds the class, by name or by number from 1.",
      valueName: "column"))
  var targetColumn: String?

  /// Adds what was given to options.
  ///
  /// - Throws: `BadArgument` that names the option.
  func apply(to options: inout DataOptions) throws {
    if let dataLayout {
      guard let layout = DataOptions.Layout(rawValue: dataLayout) else {
        throw BadArgument("--data-layout is '\(dataLayout)'; expected nchw or nhwc")
      }
      options.layout = layout
    }
    if let resize, !(1...16_384 ~= resize) {
      throw BadArgument("--resize is \(resize); expected 1 to 16384")
    }
    options.resize = resize
    options.target = targetColumn
  }
}
