import Datasets
import Diagnosis
import Files
package import JSON
import Networks
import Platform
import Reports
import Settings
import Synchronization
import Tensors
package import Training

/// A training that keeps its state in a file and tells people where it stands.
package struct TrainingSession: Sendable {
  let recipe: Recipe
  let place: Place
  let history: [String: String]
  let trainer: Trainer
  let command: [String]
  /// How many of the last epochs have their networks kept.
  let keptEpochs: Int
  let metrics: TrainingMetrics?

  /// Where the network goes, and what is unfinished until then.
  package struct Place: Sendable {
    /// The file to be written.
    let output: String
    /// The form that its ending says.
    let format: ModelFormat
    /// Where the state of an unfinished training is kept: in the same file, if its form has room for it.
    package let state: String

    /// Whether the state has a file of its own.
    package var isApart: Bool { state != output }

    /// Looks at the ending of a name; a name without one is for safetensors.
    ///
    /// - Throws: `StudyError` if the ending is another.
    init(_ output: String) throws {
      let format = ModelFormat(ending: output)
      if output.hasSuffix(".gz") || (format == nil && FileEnding.of(output) != nil) {
        throw StudyError(
          "\(Setting.output) is '\(output)'; expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz"
        )
      }
      self.output = output
      self.format = format ?? .safeTensors
      state = self.format == .safeTensors ? output : output + ".state"
    }

    /// The file of an epoch's network.
    func file(ofEpoch epoch: Int) -> String {
      let name = output.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex else {
        return "\(output).epoch-\(epoch)"
      }
      let ending = name[dot...]
      return output.dropLast(ending.count) + ".epoch-\(epoch)\(ending)"
    }

    /// Makes sure that the form of file has room for a network, before it is trained.
    ///
    /// - Throws: `StudyError`.
    func check(holds network: Network, called name: String) throws {
      let conversion = Conversion(file: NetworkFile(network), input: name, output: output)
      guard format == .safeTensors, !conversion.isKnown else { return }
      throw StudyError(
        "\(Setting.output) is '\(output)', but a .safetensors file holds no graph, and \(name) has no architecture that"
          + " is known; expected .onnx")
    }
  }

  /// Trains to the end, or throws `StudyInterrupted` with the state kept.
  func run(
    _ start: TrainingState, on data: Dataset, telling observer: Observer = .none
  ) async throws -> TrainingState {
    let perEpoch = recipe.stepsPerEpoch(examples: data.count)
    let total = perEpoch * recipe.epochs
    let examplesPerEpoch = data.count * recipe.method.replays
    let line = observer.begin(
      "train", of: examplesPerEpoch * recipe.epochs, "examples",
      from: start.epochs.count * examplesPerEpoch + start.current.count)
    defer { line.finish() }
    let kept = Kept(start.step)
    let seen = Seen(start.epochs.count * examplesPerEpoch + start.current.count)
    metrics?.begin()
    // Parameters, what an optimiser keeps of each, the best and an average.
    let size = start.network.parameters.values.reduce(0) { $0 + 5 * 4 * $1.count }
    observer.keep(size: size) { interruption(kept, of: total) }
    defer { observer.keep(nil) }
    let end: TrainingState
    do {
      end = try await trainer.train(
        start, on: data,
        onStep: { progress in
          seen.rate.withLock { $0 = progress.rate }
          metrics?.add(progress, isLastOfEpoch: progress.step % perEpoch == 0, observer)
          line.show(
            seen.add(progress.count),
            detail: "epoch \(progress.epoch), loss \(Format.fixed(progress.loss, decimals: 4)), "
              + Format.percent(progress.accuracy, decimals: 1))
        },
        onSlowStep: { state in kept.latest.withLock { $0 = state } },
        onEpoch: { state in
          line.finish()
          if let record = state.epochs.last {
            // Before the state: then a resumed training takes nothing twice.
            metrics?.add(
              record, epoch: state.epochs.count, step: state.step,
              learningRate: seen.rate.withLock { $0 }, observer)
          }
          try keepEpoch(state, observer)
          try keep(state, kept, observer)
          if let record = state.epochs.last {
            observer.tell(.done(describe(record, epoch: state.epochs.count)))
          }
          if let collapse = state.collapses.last, collapse.epoch == state.epochs.count {
            observer.warn(collapse.description + reaction(to: collapse, state))
          }
        })
    } catch let error as TrainingError {
      guard case .diverged = error else { throw error }
      throw StudyError(
        "\(error); "
          + (kept.words(in: place) ?? "nothing was written"))
    }
    guard end.isFinished(recipe) else {
      observer.tell(.ending)
      kept.latest.withLock { $0 = end }
      throw StudyInterrupted(description: interruption(kept, of: total))
    }
    if let words = outcome(end) { observer.note(words) }
    return end
  }

  /// How many examples were seen, and at which rate.
  private final class Seen: Sendable {
    private let examples: Mutex<Int>
    let rate = Mutex<Double?>(nil)

    init(_ examples: Int) { self.examples = Mutex(examples) }

    func add(_ count: Int) -> Int {
      examples.withLock { examples in
        examples += count
        return examples
      }
    }
  }

  /// What is done about a collapse, in words.
  private func reaction(to collapse: Collapse, _ state: TrainingState) -> String {
    switch recipe.reaction {
    case .continue: "; the training goes on"
    case .rewind where state.ending == nil:
      "; the training goes on from epoch \(state.bestEpoch ?? collapse.epoch)"
    case .rewind, .stop: "; the training ends"
    }
  }

  /// Which epoch was taken, and why the training ended early; `nil` where it is the last of all.
  private func outcome(_ end: TrainingState) -> String? {
    let count = end.epochs.count
    let early = end.ending.map {
      "ended after \(count) of \(recipe.epochs) epochs, since \($0.words)"
    }
    let taken = end.bestEpoch.flatMap { best -> String? in
      guard let measured = end.epochs[best - 1].heldOut else { return nil }
      return "the network is that of epoch \(best), the best of \(count) by \(measured.criterion)"
    }
    let parts = [early, taken].compactMap { $0 }
    return parts.isEmpty ? nil : "training: " + parts.joined(separator: "; ")
  }

  /// Keeps the network of an epoch in a file of its own, in the place of one that is old.
  private func keepEpoch(_ state: TrainingState, _ observer: Observer) throws {
    let epoch = state.epochs.count
    guard keptEpochs > 0 else { return }
    let path = place.file(ofEpoch: epoch)
    var lines = history
    lines["recipe"] = recipe.description
    lines["seed"] = String(recipe.seed)
    lines["epoch"] = "\(epoch) of \(recipe.epochs)"
    let conversion = Conversion(
      file: NetworkFile(state.lastNetwork, history: lines), input: state.network.architecture,
      output: path)
    do {
      try AtomicFile.write(try conversion.bytes(as: place.format), to: path)
      if epoch > keptEpochs { _ = unlink(place.file(ofEpoch: epoch - keptEpochs)) }
    } catch {
      observer.warn("\(error); the training goes on")
    }
  }

  /// What is kept while the training is under way.
  private final class Kept: Sendable {
    /// The last step whose state was written.
    let written: Mutex<Int>
    /// A later state that was not.
    let latest = Mutex<TrainingState?>(nil)
    /// Whether writing has failed.
    let hasFailed = Mutex(false)

    init(_ step: Int) { written = Mutex(step) }

    /// What is in the file, if anything is.
    func words(in place: Place) -> String? {
      let step = written.withLock { $0 }
      return step == 0 ? nil : "\(place.state) holds the network as it was after step \(step)"
    }
  }

  /// Keeps the state after an epoch; only the end of the training needs that to succeed.
  private func keep(
    _ state: TrainingState, _ kept: Kept, _ observer: Observer
  ) throws {
    do {
      try write(state, isFinished: state.isFinished(recipe), observer)
      kept.written.withLock { $0 = state.step }
      kept.latest.withLock { $0 = nil }
    } catch {
      if state.isFinished(recipe) {
        throw kept.words(in: place).map { StudyError("\(error); \($0), \(Setting.resume) goes on") }
          ?? error
      }
      kept.latest.withLock { $0 = state }
      let isFirst = kept.hasFailed.withLock { hasFailed in
        defer { hasFailed = true }
        return !hasFailed
      }
      if isFirst {
        observer.warn(
          "\(error); the training goes on, and its state is kept after an epoch once that works again"
        )
      }
    }
  }

  /// Writes the latest state and says what happened.
  private func interruption(_ kept: Kept, of total: Int) -> String {
    guard let state = kept.latest.withLock({ $0 }) else {
      return kept.words(in: place).map { "interrupted; \($0), \(Setting.resume) goes on" }
        ?? "interrupted before the end of the first step; nothing was written"
    }
    do {
      try write(state, isFinished: false, .none)
      return
        "interrupted at step \(state.step) of \(total); \(place.state) holds the network so far, and"
        + " \(Setting.resume) continues"
    } catch {
      return "interrupted at step \(state.step) of \(total); \(error)"
        + (kept.words(in: place).map { "; \($0), \(Setting.resume) goes on" }
          ?? "; nothing was written")
    }
  }

  private func write(
    _ state: TrainingState, isFinished: Bool, _ observer: Observer
  ) throws {
    let file = state.file(recipe, isFinished: isFinished, history: history)
    guard isFinished, place.isApart else { return try file.write(to: place.state) }
    let conversion = Conversion(
      file: file, input: state.network.architecture, output: place.output)
    try AtomicFile.write(try conversion.bytes(as: place.format), to: place.output)
    if let loss = conversion.loss(as: place.format) { observer.warn(loss) }
    _ = unlink(place.state)
  }

  private func describe(_ record: EpochRecord, epoch: Int) -> String {
    var parts = [
      "epoch \(epoch) of \(recipe.epochs)", "loss \(Format.fixed(record.loss, decimals: 4))",
      "trained on \(Format.percent(record.accuracy, decimals: 2))",
    ]
    func add(_ name: String, _ natural: Double?, _ robust: Double?, _ verified: Double? = nil) {
      guard let natural else { return }
      let others = [("robust", robust), ("verified", verified)].compactMap { name, share in
        share.map { "\(name) \(Format.percent($0, decimals: 2))" }
      }
      parts.append(
        "\(name) \(Format.percent(natural, decimals: 2))"
          + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))"))
    }
    add("validation", record.validationAccuracy, record.robustAccuracy)
    let heldOut = record.heldOut
    add("held out", heldOut?.natural, heldOut?.robust, heldOut?.verified)
    return parts.joined(separator: ", ")
  }

  /// The course of the training.
  func record(
    of state: TrainingState, _ findings: [Finding], _ specification: TrainingSpecification
  ) -> StudyRecord {
    StudyRecord(
      "train", specification,
      [
        "output": JSONValue(place.output), "command": ShellWords.json(command),
        "architecture": JSONValue(state.network.architecture),
        "recipe": JSONValue(recipe.description), "seed": JSONValue(recipe.seed),
        "settings": JSONValue(specification.yaml), "seconds": JSONValue(state.seconds),
        "selected_epoch": JSONValue(state.bestEpoch), "ending": JSONValue(state.ending?.words),
        "collapses": .array(
          state.collapses.map {
            [
              "epoch": JSONValue($0.epoch), "one_step": JSONValue($0.oneStep),
              "several_steps": JSONValue($0.severalSteps), "before": JSONValue($0.before),
            ]
          }),
        "held_out_count": JSONValue(trainer.selection?.data.count ?? 0),
        "warnings": DiagnosisStep.json(findings), "epochs": .array(state.epochs.map(\.json)),
      ])
  }
}

extension EpochRecord {
  /// The object of an epoch, as results have it.
  package var json: JSONValue {
    [
      "loss": JSONValue(loss), "accuracy": JSONValue(accuracy),
      "validation_accuracy": JSONValue(validationAccuracy),
      "robust_accuracy": JSONValue(robustAccuracy),
      "held_out": JSONValue(
        heldOut.map { measured in
          [
            "accuracy": JSONValue(measured.natural), "robust_accuracy": JSONValue(measured.robust),
            "one_step_accuracy": JSONValue(measured.oneStep),
            "verified_accuracy": JSONValue(measured.verified),
          ] as JSONValue
        }),
    ]
  }
}

extension Measurement {
  /// What epochs are compared by, in words.
  fileprivate var criterion: String {
    let (name, share) =
      verified.map { ("verified accuracy", $0) } ?? robust.map { ("robust accuracy", $0) }
      ?? ("accuracy", natural)
    return "\(name) on the examples held out, \(Format.percent(share, decimals: 2))"
  }
}
