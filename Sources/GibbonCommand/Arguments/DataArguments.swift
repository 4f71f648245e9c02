import ArgumentParser
import Datasets
import Studies

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

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: DataSettings {
    var settings = DataSettings()
    if let data { settings.data = data }
    settings.form = form.settings
    settings.count = count
    settings.offset = offset
    return settings
  }
}

/// What data sets do not say of themselves.
struct DataFormArguments: ParsableArguments {
  @Option(
    help:
      "The order of axes of images in NumPy arrays, or of their values in rows: nchw or nhwc."
  )
  var dataLayout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The range of numbers in NumPy arrays and tables, such as 0:255, spread over the network's; or columns: each has its own, and radii are shares of it.",
      valueName: "lower:upper"))
  var dataRange: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The shorter side of photographs before their middle is cut out; as little as fills the input by default.",
      valueName: "pixels"),
    transform: Parse.integer)
  var resize: Int?

  @Option(
    help: ArgumentHelp(
      "The column of a table that holds the class, by name or by number from 1; several joined by commas.",
      valueName: "column"))
  var targetColumn: String?

  @Option(
    help: ArgumentHelp(
      "The columns of a table that must not change, by name or by number from 1, joined by commas.",
      valueName: "column,..."))
  var fixedColumns: String?

  @Option(
    help: ArgumentHelp(
      "What targets in arrays and tables are: classes, multi-label or numbers; as they look by default.",
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

  mutating func validate() throws { try Parse.check { try known.check() } }

  private var known: DataSettings {
    var settings = DataSettings(data ?? "")
    settings.form = form.settings
    settings.count = count
    settings.offset = offset
    return settings
  }

  /// What was given; `nil` without data.
  ///
  /// - Throws: `StudyError` for options that need data.
  func settings() throws -> DataSettings? {
    guard data == nil else { return known }
    guard count == nil, offset == 0, form.settings == DataFormSettings() else {
      throw StudyError("--count, --offset and the options of data need --data")
    }
    return nil
  }
}
