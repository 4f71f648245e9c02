package import Corruptions
package import Datasets
import Files
import Insight
import JSON
import Settings
import Tensors

/// All that is asked where a data set is corrupted.
public struct CorruptedDataSpecification: Sendable, Hashable, Codable {
  /// The examples.
  public var data = DataSettings()
  /// The corruptions.
  public var corruptions = CorruptionSettings()
  /// What all chance depends on.
  public var seed: UInt64 = 0

  /// All corruptions of MNIST-C on the test set of MNIST, unless something else is said.
  public init() {}
}

extension CorruptedDataSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: CorruptedDataSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable { case data, corruptions, seed }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.data, into: &data)
    try members.read(.corruptions, into: &corruptions)
    try members.read(.seed, into: &seed)
  }
}

/// A data set about to be corrupted and written.
public final class CorruptedDataStudy: Sendable {
  /// What was asked for.
  public let specification: CorruptedDataSpecification
  /// The examples.
  package let data: Dataset
  /// What is applied.
  package let grid: CorruptionGrid
  let corruptor: Corruptor

  /// Opens the data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: CorruptedDataSpecification, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    try specification.data.check()
    try specification.corruptions.check()
    data = try specification.data.load(
      for: InputForm(classNames: []), needsLabels: false, telling: observer)
    let form: PictureForm
    do {
      form = try PictureForm(data.exampleShape, bounds: data.bounds)
    } catch {
      throw StudyError("\(data.name): \(error)")
    }
    grid = try specification.corruptions.grid(for: form.shape)
    corruptor = Corruptor(form, seed: specification.seed)
  }

  /// The record of what was written.
  package func record(
    of files: [String], in seconds: Double, command: [String]
  ) -> StudyRecord {
    StudyRecord(
      "corrupt", specification,
      [
        "command": ShellWords.json(command), "data": JSONValue(data.name),
        "count": JSONValue(data.count), "suite": JSONValue(grid.suite.rawValue),
        "seed": JSONValue(specification.seed),
        "corruptions": .array(
          grid.cells.map {
            ["name": JSONValue($0.row.name), "severity": JSONValue($0.severity)]
          }),
        "files": .array(files.map { JSONValue($0) }), "seconds": JSONValue(seconds),
      ])
  }
}
