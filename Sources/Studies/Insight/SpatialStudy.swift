import Attacks
import Datasets
import Engine
import Insight
import Models
import Networks
import Reports
import Robustness
import Settings
import Tensors

/// A comparison of networks under rotations and shifts, ready to be made.
public final class SpatialStudy: Sendable {
  /// What was asked for.
  public let specification: SpatialSpecification
  private let checked: SpatialSpecification.Checked
  private let entries: [Entry]
  private let algorithms: Algorithms.Policy
  private let command: [String]

  /// A network with its examples.
  private struct Entry: Sendable {
    let subject: Subject
    let data: Dataset
    let isOnCanvas: Bool
  }

  /// Reads models and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: SpatialSpecification, command: [String] = [],
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    let checked = try asked.check()
    self.checked = checked
    let sources = try asked.models.enumerated().map { place, name in
      try ModelSource(name, asked.modelSettings, isOther: place > 0, telling: observer) {
        try asked.data.exampleShape()
      }.takingPictures(telling: observer)
    }
    try asked.engine.check(isUsed: true, by: asked.models[0])
    let data = try asked.data.load(for: try sources[0].form(asked.modelSettings), telling: observer)
    guard data.targetKind == .classes, data.isLabelled else {
      throw StudyError("\(data.name): expected examples with one class each")
    }
    entries = try sources.map { source in
      let subject = try source.subject(
        for: data, asked.modelSettings, RemoteSettings(), batch: asked.batch, telling: observer)
      let own = try Self.examples(data, for: subject)
      try own.check(fits: subject)
      _ = try own.threat(checked.threat, for: subject.input).region(around: own.image(at: 0))
      let side = max(own.exampleShape[1], own.exampleShape[2])
      guard checked.shift <= Double(2 * side) else {
        throw StudyError(
          "\(Setting.threat) is '\(asked.threat)'; expected shifts of at most \(2 * side) pixels in all"
        )
      }
      return Entry(subject: subject, data: own, isOnCanvas: own.exampleShape != data.exampleShape)
    }
    algorithms = try asked.engine.apply()
  }

  /// The examples as a network takes them: on a black canvas where it takes larger pictures.
  private static func examples(_ data: Dataset, for subject: Subject) throws -> Dataset {
    let (own, taken) = (data.exampleShape, subject.input.shape)
    guard own != taken, own.rank == 3, taken.rank == 3, own[0] == taken[0],
      subject.input.bounds == data.bounds
    else { return data }
    let more = [taken[1] - own[1], taken[2] - own[2]]
    guard more.allSatisfy({ $0 >= 0 && $0 % 2 == 0 }) else { return data }
    return try data.onBlackCanvas(taken)
  }

  /// Measures the networks, one after the other.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the models throw; `CancellationError` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> SpatialResult {
    let start = ContinuousClock.now
    var rows: [SpatialResult.Row] = []
    for entry in entries { rows.append(try await row(entry, observer)) }
    return SpatialResult(
      specification: specification, command: command, dataName: entries[0].data.name,
      dataDigest: try Digests.data(entries[0].data), rows: rows,
      seconds: (ContinuousClock.now - start).seconds)
  }

  private func row(_ entry: Entry, _ observer: Observer) async throws -> SpatialResult.Row {
    let model = try entry.subject.model(algorithms)
    let threat = try entry.data.threat(checked.threat, for: entry.subject.input)
    let region = try threat.region(around: entry.data.image(at: 0))
    let grid = ParameterGrid(of: region, counts: checked.counts)
    let side = max(entry.data.exampleShape[1], entry.data.exampleShape[2])
    let stage = observer.begin(
      "\(entry.subject.name), grid of \(grid.count) points", of: entry.data.count, "examples")
    let scan = try await GridScan(
      of: entry.data, by: model, threat: threat, grid: grid,
      margin: BlackCanvas.margin(side: side, shift: checked.shift), batch: specification.batch
    ) { stage.show($0) }
    stage.finish()
    func attacked(_ attack: any ConfigurableAttack, _ threat: ThreatReference) async throws
      -> [Bool]
    {
      try await held(entry, model, attack, threat, observer)
    }
    let draws = specification.draws
    let robust: [SpatialResult.Column: [Bool]] = [
      .natural: scan.examples.map(\.isRight),
      .single: try await attacked(RandomDraws { $0.samples = 1 }, checked.threat),
      .random: try await attacked(RandomDraws { $0.samples = draws }, checked.threat),
      .gradient: try await attacked(PGD(), checked.threat),
      .grid: scan.examples.map(\.isRobust), .wholeGrid: scan.examples.map(\.isRobustWhole),
      .ball: try await attacked(PGD(), checked.ball),
      .both: try await attacked(PGD(), checked.both),
    ]
    return SpatialResult.Row(
      subject: entry.subject, data: entry.data, threat: threat, isOnCanvas: entry.isOnCanvas,
      scan: scan, robust: robust, pictures: try await pictures(entry, model, threat, scan),
      computation: model.computation)
  }

  /// Which examples are read rightly and withstand an attack.
  private func held(
    _ entry: Entry, _ model: any BatchedModel, _ attack: any ConfigurableAttack,
    _ threat: ThreatReference,
    _ observer: Observer
  ) async throws -> [Bool] {
    var request = AttackRun.Request(
      subject: entry.subject, data: entry.data, threat: threat, attack: attack,
      attackDescription: AttackSettings.describe(attack), seed: specification.seed,
      batch: specification.batch)
    request.algorithms = algorithms
    request.title = "\(entry.subject.name), \(type(of: attack).name) within \(threat)"
    let run = try await AttackRun.perform(request, on: model, telling: observer)
    try run.checkEnd(keptIn: [], nil)
    return run.outcomes.map { run.isRobust($0) }
  }

  /// Some examples that the grid breaks, as they are and at their worst point, with what the network reads.
  private func pictures(
    _ entry: Entry, _ model: any BatchedModel, _ threat: any ThreatModel, _ scan: GridScan
  ) async throws -> [SpatialResult.Picture] {
    var seen: Set<Int> = []
    let chosen = scan.examples.indices.filter { place in
      let example = scan.examples[place]
      return example.isRight && example.wrongPoints > 0 && seen.insert(example.label).inserted
    }.prefix(4)
    var pictures: [SpatialResult.Picture] = []
    for place in chosen {
      let input = try entry.data.image(at: place)
      let changed = threat.apply(scan.grid.point(scan.examples[place].worst), to: input)
      let readings = try await model.rankings(of: [input, changed])
      pictures.append(
        SpatialResult.Picture(
          place: place, input: input, changed: changed, before: readings[0], after: readings[1]))
    }
    return pictures
  }
}
