import ArgumentParser
import Settings
import Studies

/// Which pictures are looked at: photographs, or some examples of the data.
struct PictureArguments: ParsableArguments {
  @Argument(
    help: "Photographs, PNG or JPEG, instead of --data.",
    completion: .file(extensions: ["png", "jpg", "jpeg"]))
  var image: [String] = []

  @Option(
    help: ArgumentHelp("The examples, as in `gibbon attack`; mnist:test by default."),
    completion: Completions.data)
  var data: String?

  @OptionGroup var form: DataFormArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which examples of the data, by their numbers from 0, joined by commas; 0 by default.",
      valueName: "numbers"))
  var index: String?

  /// The photographs, for `OutputFiles.check`.
  var inputs: [(name: String, path: String?)] { image.map { ("the photograph", $0) } }

  /// Says them in a specification.
  ///
  /// - Throws: `StudyError` where photographs and data are both named, or numbers are none.
  func put(into photos: inout [String], _ settings: inout DataSettings, _ numbers: inout [Int])
    throws
  {
    guard image.isEmpty || (data == nil && index == nil) else {
      throw StudyError("\(image[0]): expected either photographs or --data and --index")
    }
    photos = image
    if let data { settings.data = data }
    settings.form = form.settings
    if let index { numbers = try Parse.positions(index, of: .index) }
  }
}
