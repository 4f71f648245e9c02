import Studies
import ArgumentParser

/// What data sets do not say of themselves.
struct DataFormArguments: ParsableArguments {
  @Option(
    help:
      "The order of axes of images in NumPy arrays, or of their values in rows: nchw or nhwc, which is converted; what looks like nhwc is refused otherwise."
  )
  var dataLayout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The range that numbers in NumPy arrays and tables lie in where it is not the network's, such as 0:255; it is spread over that. Or columns: each column of a table has its own range, and radii are shares of it.",
      valueName: "lower:upper"))
  var dataRange: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shorter side of photographs before their middle is cut out, such as 256 for networks that take 224; as little as fills the network's input by default.",
      valueName: "pixels"),
    transform: Parse.integer)
  var resize: Int?

  @Option(
    help: ArgumentHelp(
      "The column of a table that holds the class, by name or by number from 1; several joined by commas where examples have several labels or numbers as targets.",
      valueName: "column"))
  var targetColumn: String?

  @Option(
    help: ArgumentHelp(
      "The columns of a table that must not change, by name or by number from 1, joined by commas.",
      valueName: "column,..."))
  var fixedColumns: String?

  @Option(
    help: ArgumentHelp(
      "What the targets in NumPy arrays and tables are: classes, multi-label or numbers; by default what they look like.",
      valueName: "kind"))
  var targets: String?

  /// What was given.
  var settings: DataFormSettings {
    var settings = DataFormSettings()
    settings.dataLayout = dataLayout
    settings.dataRange = dataRange
    settings.resize = resize
    settings.targetColumn = targetColumn
    settings.fixedColumns = fixedColumns
    settings.targets = targets
    return settings
  }
}
