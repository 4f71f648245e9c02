import Studies
import Datasets
import ArgumentParser

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
