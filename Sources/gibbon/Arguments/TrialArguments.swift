import Studies
import ArgumentParser

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
