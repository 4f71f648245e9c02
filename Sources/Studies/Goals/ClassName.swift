import Networks
import Files
import Settings
import Datasets
/// A class on the command line: its number, or its name.
package enum ClassName {
  /// The number of a class.
  ///
  /// A whole number is that number. A name is one of the model's, or of the data's if that names none;
  /// one of several synonyms, parted by commas as ImageNet's are, is enough if no other class has it.
  ///
  /// - Throws: `StudyError` that names the option.
  static func number(
    _ text: String, _ option: Setting, _ model: Subject, _ data: Dataset
  ) throws -> Int {
    if let number = Int(text) { return number }
    let names = model.input.classNames.isEmpty ? data.classNames : model.input.classNames
    let exact = names.indices.filter { names[$0] == text }
    if exact.count == 1 { return exact[0] }
    let places =
      !exact.isEmpty
      ? exact
      : names.indices.filter { place in
        names[place].split(separator: ",").contains {
          $0.trimmingPrefix(while: \.isWhitespace) == text
        }
      }
    guard let place = places.first else {
      let last = max(2, model.outputCount) - 1
      throw StudyError(
        "\(option) is '\(text)'\(text.suggestion(among: names)); expected 0 to \(last) or the name of a class, which \(Setting.labels) FILE gives"
      )
    }
    guard places.count == 1 else {
      throw StudyError(
        "\(option) is '\(text)', which classes \(places.map(String.init).joined(separator: " and ")) are called;"
          + " expected one of these numbers")
    }
    return place
  }
}
