package import Diagnosis
public import Insight
package import Models
import Networks
import Robustness
public import Tensors

/// Where a model looks on some examples, as several methods tell it.
public struct AttributionResult: Sendable {
  /// What was asked for.
  public let specification: AttributionSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The model.
  package let subject: Subject
  /// What the data are called; of photographs the first.
  package let dataName: String
  /// The values of black and white.
  package let bounds: ClosedRange<Float>
  /// The names of the columns of a table.
  package let columns: [String]?
  /// The examples.
  public let examples: [Example]
  /// What each method tells, in the order in which they were asked for.
  public let methods: [Method]
  /// What the diagnosis found; `nil` for a remote model.
  package let findings: [Finding]?
  package let computation: Computation?

  /// An example, and the class that is explained.
  public struct Example: Sendable {
    /// The photograph's path, or the data's name and the example's number.
    public let name: String
    /// The number of the example in its data; `nil` for a photograph.
    public var index: Int?
    /// Its class by the data, if that is known.
    public var label: Int?
    /// The input of the model.
    public let input: Tensor<Float>
    /// What the model makes of it.
    package var ranking = Ranking(scores: [], areLabels: false)
    /// The class whose score is explained.
    public internal(set) var explained = 0
  }

  /// What one method tells of all examples.
  public struct Method: Sendable {
    /// The method's name.
    public let name: String
    /// An attribution for each example.
    public let attributions: [Attribution]
    /// The time that it took.
    public let seconds: Double
    /// What random weights make of the maps; empty where that was not asked, or the model is remote.
    public internal(set) var randomizations: [WeightRandomization] = []
    /// What removing pixels does; empty where that was not asked.
    public internal(set) var removals: [PixelRemoval] = []
  }

  /// The names of the classes, without the synonyms that ImageNet's have.
  package var classNames: [String] {
    subject.input.classNames.map { String($0.prefix { $0 != "," }) }
  }

  /// The settings of a method that are not its own, such as `samples=100`.
  package func words(of method: Int) -> String {
    guard let first = methods[method].attributions.first,
      let row = try? AttributionCatalogue.row(named: first.method)
    else { return "" }
    let standard = Dictionary(
      row.options.map { ($0.name, $0.standard) }, uniquingKeysWith: { first, _ in first })
    return first.settings.filter { standard[$0.key] != $0.value }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }

  /// A name for each method that no other has, for files and members.
  package var keys: [String] {
    methods.indices.map { place in
      let same = methods[..<place].count { $0.name == methods[place].name }
      return same == 0 ? methods[place].name : "\(methods[place].name)-\(same + 1)"
    }
  }

  /// A name for each example that no other has: a photograph's without folder and ending, or the number.
  package var exampleKeys: [String] {
    let names = examples.map { example -> String in
      if let index = example.index { return String(index) }
      let file = example.name.split(separator: "/").last.map(String.init) ?? example.name
      return file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    }
    return names.indices.map { place in
      let same = names[..<place].count { $0 == names[place] }
      return same == 0 ? names[place] : "\(names[place])-\(same + 1)"
    }
  }
}
