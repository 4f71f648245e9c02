import Corruptions
import Datasets
import Engine
import Files
import Insight
import JSON
import Models
import Networks
import Robustness
import Settings

/// The model by whose errors those of another are measured: one that is run, or a record of it.
struct CorruptionBase: Sendable {
  /// What it is called.
  let name: String
  private let source: Source

  private enum Source: Sendable {
    case model(any BatchedModel)
    case record(CorruptionAccuracies)
  }

  /// Reads a model, or the record of one.
  ///
  /// - Throws: `StudyError` where the record is about something else; what reading a model throws.
  init(
    _ reference: String, _ asked: CorruptionSpecification, grid: CorruptionGrid, data: Dataset,
    algorithms: Algorithms.Policy, telling observer: Observer
  ) throws {
    if reference.hasSuffix(".json") {
      let record = try StudyRecord(path: reference)
      name = record.model
      source = .record(
        try CorruptionBase.accuracies(in: record, at: reference, grid, data, seed: asked.seed))
      return
    }
    let other = try ModelSource(
      reference, asked.modelSettings, isOther: true, telling: observer
    ) { try asked.data.exampleShape() }
    guard !other.isRemote else {
      throw StudyError(
        "\(Setting.base) is \(reference), a remote model; expected a network that runs here, or a record"
      )
    }
    let subject = try other.subject(
      for: data, asked.modelSettings, RemoteSettings(), batch: asked.batch, telling: observer)
    guard subject.input.shape == data.exampleShape else {
      throw StudyError(
        "\(subject.name) takes \(subject.input.shape), but examples have the shape \(data.exampleShape); expected networks"
          + " that take the same examples")
    }
    try data.checkClasses(missedBy: subject, for: "gibbon evaluate")
    name = subject.name
    source = .model(try subject.model(algorithms))
  }

  /// The accuracies on the same pictures.
  func accuracies(
    _ corruptor: Corruptor, on data: Dataset, by grid: CorruptionGrid, batch: Int,
    telling observer: Observer
  ) async throws -> CorruptionAccuracies {
    switch source {
    case .record(let accuracies): accuracies
    case .model(let model):
      try await corruptor.accuracies(
        of: model, named: name, on: data, by: grid, draws: 1, batch: batch, telling: observer
      ).0
    }
  }

  /// What a record says of the corruptions that are asked for.
  private static func accuracies(
    in record: StudyRecord, at path: String, _ grid: CorruptionGrid, _ data: Dataset, seed: UInt64
  ) throws -> CorruptionAccuracies {
    func refuse(_ what: String, _ found: String, _ expected: String) -> StudyError {
      StudyError("\(path): \(what) \(found); expected \(expected), as in this evaluation")
    }
    guard record.verb == CorruptionResult.verb, let known = CorruptionAccuracies(record.json) else {
      throw StudyError(
        "\(path): is no record of an evaluation under corruptions; expected one that \(Setting.json) wrote"
      )
    }
    guard known.suite == grid.suite else {
      throw refuse("is about", known.suite.rawValue, grid.suite.rawValue)
    }
    let digest = try Digests.data(data)
    guard record.json["data_digest"]?.stringValue == digest else {
      throw refuse("is about", "other examples", "the same ones")
    }
    guard record.json["seed"]?.intValue == Int(exactly: seed) else {
      throw refuse("has the seed", record.json["seed"]?.text(.compact) ?? "none", "\(seed)")
    }
    let cells = try grid.cells.map { cell in
      guard
        let found = known.cells.first(where: {
          $0.name == cell.row.name && $0.severity == cell.severity
        })
      else { throw refuse("does not have", "\(cell)", "all of the same") }
      return found
    }
    return CorruptionAccuracies(suite: known.suite, clean: known.clean, cells: cells)
  }
}

extension CorruptionAccuracies {
  /// Reads what `CorruptionResult.record` wrote; `nil` for anything else.
  fileprivate init?(_ json: JSONValue) {
    guard let suite = json["suite"]?.stringValue.flatMap(CorruptionSuite.init(rawValue:)),
      let total = json["count"]?.intValue, total > 0,
      let clean = json["clean_count"]?.intValue, 0...total ~= clean,
      let corruptions = json["corruptions"]?.arrayValue
    else { return nil }
    var cells: [Cell] = []
    for cell in corruptions {
      guard let name = cell["name"]?.stringValue, let severity = cell["severity"]?.intValue,
        let count = cell["count"]?.intValue, 0...total ~= count
      else { return nil }
      cells.append(Cell(name: name, severity: severity, right: Proportion(count, of: total)))
    }
    self.init(suite: suite, clean: Proportion(clean, of: total), cells: cells)
  }
}
