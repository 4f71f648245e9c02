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
  }

  /// Trains to the end, or throws `StudyInterrupted` with the state kept.
  func run(
    _ start: TrainingState, on data: Dataset, telling observer: Observer = .none
  ) async throws -> TrainingState {
    let total = recipe.stepsPerEpoch(examples: data.count) * recipe.epochs
    let line = observer.begin("train", of: total, "steps", from: start.step)
    defer { line.finish() }
    let kept = Kept(start.step)
    // Parameters and what an optimiser keeps of each.
    let size = start.network.parameters.values.reduce(0) { $0 + 3 * 4 * $1.count }
    observer.keep(size: size) { interruption(kept, of: total) }
    defer { observer.keep(nil) }
    let end: TrainingState
    do {
      end = try await trainer.train(
        start, on: data,
        onStep: { progress in
          line.show(
            progress.step,
            detail: "epoch \(progress.epoch), loss \(Format.fixed(progress.loss, decimals: 4))")
        },
        onSlowStep: { state in kept.latest.withLock { $0 = state } },
        onEpoch: { state in
          line.finish()
          try keep(state, kept, observer)
          if let record = state.epochs.last {
            observer.tell(.done(describe(record, epoch: state.epochs.count)))
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
    return end
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
    if let accuracy = record.validationAccuracy {
      parts.append("validation \(Format.percent(accuracy, decimals: 2))")
    }
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
    ]
  }
}
