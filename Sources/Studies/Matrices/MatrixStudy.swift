import Datasets
import Engine
import Evaluation
import Files
import Models
import Networks
import Platform
import Robustness
import Settings

/// The robust accuracies of several networks within several radii, ready to be measured.
public final class MatrixStudy: Sendable {
  /// What was asked for.
  public let specification: MatrixSpecification
  private let balls: [MatrixSpecification.Ball]
  private let data: Dataset
  /// For each network what is asked of it within each ball.
  private let requests: [[EvaluationRun.Request]]
  private let state: String?
  private let claim: FileClaim?
  private let command: [String]

  /// Reads models and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - state: Where what is finished is kept until the end, and from which a matrix that was interrupted goes on: a
  ///     file for each cell, whose name continues this one.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: MatrixSpecification, command: [String] = [],
    keepingStateIn state: String? = nil, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    self.state = state
    let asked = specification
    let balls = try asked.check()
    self.balls = balls
    claim = try state.map { try FileClaim($0) }
    let sources = try asked.models.enumerated().map { place, name in
      try ModelSource(
        name, asked.modelSettings, isOther: place > 0, telling: observer
      ) { try asked.data.exampleShape() }
    }
    try asked.engine.check(isUsed: true, by: asked.models[0])
    let data = try asked.data.load(for: try sources[0].form(asked.modelSettings), telling: observer)
    self.data = data
    let policy = try asked.engine.apply()
    requests = try sources.enumerated().map { row, source in
      let subject = try source.subject(
        for: data, asked.modelSettings, RemoteSettings(), batch: asked.batch, telling: observer)
      guard subject.input.shape == data.exampleShape else {
        throw StudyError(
          "\(data.name): examples are \(data.exampleShape), but \(subject.name) takes \(subject.input.shape);"
            + " expected networks that all take the same examples" + data.standardHint)
      }
      try data.checkClasses(missedBy: subject, for: "gibbon matrix")
      let verification = asked.verify ? try Verification(of: subject, on: data) : nil
      return try balls.enumerated().map { column, ball in
        var request = EvaluationRun.Request(
          subject: subject, data: data, threat: ball.reference, norm: ball.norm,
          radius: ball.radius,
          suite: try Suite.standard(
            ball.norm, outputCount: subject.outputCount, names: asked.names,
            isExhaustive: asked.exhaustive),
          isExhaustive: asked.exhaustive, checks: false, seed: asked.seed, command: command,
          batch: asked.batch, algorithms: policy,
          state: state.map { "\($0)-\(row + 1)-\(column + 1)" })
        request.verification = verification
        request.skipsCertified = asked.skipCertified
        return request
      }
    }
  }

  /// Measures the networks, one after the other, within ascending radii of each norm.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the models throw; `StudyInterrupted` where the task is cancelled, once what is finished is in the
  ///   files of the state.
  public func run(telling observer: Observer = .none) async throws -> MatrixResult {
    do {
      var rows: [MatrixResult.Row] = []
      for requests in requests { rows.append(try await row(requests, observer)) }
      let columns = balls.map {
        RobustnessMatrix.Column($0.norm, radius: $0.radius, text: $0.text)
      }
      return MatrixResult(
        specification: specification, command: command,
        matrix: RobustnessMatrix(columns: columns, rows: rows.map(\.row)), networks: rows,
        suites: zip(columns, requests[0]).reduce(into: [:]) { $0[$1.0.norm] = $1.1.suite },
        dataName: data.name, dataDigest: try Digests.data(data))
    } catch {
      claim?.release()
      throw error
    }
  }

  /// One network within all radii.
  private func row(
    _ requests: [EvaluationRun.Request], _ observer: Observer
  ) async throws -> MatrixResult.Row {
    let subject = requests[0].subject
    let model = try subject.model(requests[0].algorithms)
    let report = try await DiagnosisStep.perform(subject, model, on: data)
    DiagnosisStep.warn(report, of: data.columns, telling: observer)
    let start = ContinuousClock.now
    let certified = try await certify(requests, on: model, observer)
    let verifySeconds = certified == nil ? 0 : (ContinuousClock.now - start).seconds

    var known: [Int: (prediction: Int?, isRight: Bool)] = [:]
    var robust: [[Bool]] = []
    var (attacked, passes, seconds): ([Int], [Passes], [Double]) = ([], [], [])
    var broken: Set<Int> = []
    for (column, request) in requests.enumerated() {
      if column == 0 || request.norm != requests[column - 1].norm { broken = [] }
      let skipped = request.skipsCertified ? certified?[column] ?? [] : []
      let cell = try await measure(
        request, on: model, leavingOut: broken.union(skipped), observer)
      for record in cell.records {
        known[record.index] = (record.prediction, record.isRight)
        if !record.isRobust { broken.insert(record.index) }
      }
      robust.append((0..<data.count).map { !broken.contains(data.index(at: $0)) })
      attacked.append(cell.records.count(where: \.isRight))
      passes.append(cell.records.reduce(.zero) { $0 + $1.passes })
      seconds.append(cell.seconds)
    }
    // What was never attacked is certified, and so right.
    let examples = (0..<data.count).map { position in
      let index = data.index(at: position)
      let isRight = known[index]?.isRight ?? true
      return RobustnessMatrix.Example(
        index: index, label: data.label(at: position),
        prediction: known[index].map(\.prediction) ?? data.label(at: position), isRight: isRight,
        isRobust: robust.map { isRight && $0[position] },
        isCertified: (certified ?? []).map { isRight && $0.contains(index) })
    }
    let row = RobustnessMatrix.Row(
      model: subject.name, examples: examples, attacked: attacked, passes: passes,
      seconds: seconds, verifySeconds: verifySeconds)
    if let alarm = row.alarm { observer.warn(alarm) }
    return MatrixResult.Row(
      row: row, form: subject.form, parametersDigest: subject.parametersDigest,
      fileDigest: subject.fileDigest, computation: model.computation, findings: report?.findings)
  }

  /// The indices of examples that are certified within each ball.
  ///
  /// What is certified within one is so within each smaller one of its norm, so that the largest comes first.
  private func certify(
    _ requests: [EvaluationRun.Request], on model: any BatchedModel, _ observer: Observer
  ) async throws -> [Set<Int>]? {
    guard let verification = requests[0].verification else { return nil }
    var certified = [Set<Int>](repeating: [], count: requests.count)
    for column in requests.indices.reversed() {
      let request = requests[column]
      if column + 1 < requests.count, requests[column + 1].norm == request.norm {
        certified[column] = certified[column + 1]
      }
      let known = certified[column]
      let positions = (0..<data.count).filter { !known.contains(data.index(at: $0)) }
      let found = try await verification.certify(
        data, at: positions, named: "verify \(request.subject.name), \(request.threat)", on: model,
        telling: observer
      ) { try request.problem($0, earlyStopping: true) }
      certified[column].formUnion(found.filter(\.isCertified).map(\.index))
    }
    return certified
  }

  /// What the attacks of one cell come to, on the examples that are not left out.
  private func measure(
    _ request: EvaluationRun.Request, on model: any BatchedModel, leavingOut skipped: Set<Int>,
    _ observer: Observer
  ) async throws -> (records: [ExampleRecord], seconds: Double) {
    let journal = try EvaluationJournal(request, observer)
    observer.keep { journal.interruption }
    defer { observer.keep(nil) }
    let line = observer.begin(
      "\(request.subject.name), \(request.threat)", of: data.count - skipped.count, "examples",
      from: journal.count)
    defer { line.finish() }
    let runner = AttackRunner(model: model, batch: request.batch, seed: request.seed) { split in
      line.finish()
      observer.note("\(Setting.batch) is \(request.batch): \(split)")
    }
    do {
      try await EvaluationRun.attack(request, runner, journal, line, leavingOut: skipped)
    } catch is CancellationError {
      observer.tell(.ending)
      line.finish()
      throw StudyInterrupted(description: journal.interruption)
    }
    let records = journal.records
    try Evaluation.checkAttacks(records, of: request.subject.name)
    return (records, journal.seconds)
  }

  /// Removes the files of the state, once the result is where it should be.
  public func discardState() { _ = removeStates(isDelivered: true) }

  /// Removes the files of the state, unless the result did not get where it should and is to be had again.
  ///
  /// - Returns: The files that are left.
  package func removeStates(isDelivered: Bool) -> [String] {
    defer { claim?.release() }
    let states = requests.joined().compactMap(\.state)
    for path in states where isDelivered || (try? RandomAccessFile(path: path).count) == 0 {
      _ = unlink(path)
    }
    return states.filter { WholeFile.exists($0) }
  }

  deinit { claim?.release() }
}

extension RobustnessMatrix.Row {
  /// What is said where examples are certified and broken; `nil` where none is, as it should be.
  package var alarm: String? { Certification.alarm(contradictions, in: model) }
}
