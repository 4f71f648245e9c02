import Files
import Settings
import Networks
/// What people are told of the weights that were found in a checkpoint, a line for each matter.
struct WeightsNotes {
  /// What is good to know.
  private(set) var notes: [String] = []
  /// What may make outputs wrong.
  private(set) var warnings: [String] = []

  /// Gathers what there is to say.
  ///
  /// - Parameters:
  ///   - fit: The weights.
  ///   - input: What the network will make of its input.
  ///   - isNormalized: Whether means and deviations were given.
  init(_ fit: WeightsFit, input: InputDescription, isNormalized: Bool) {
    if !fit.others.isEmpty {
      let others = fit.others.prefix(6).map { String($0.prefix(100)) }.joined(separator: ", ")
      notes.append(
        "\(fit.others.count + 1) sets of weights fit; \(WeightsNotes.called(fit.entry)) is taken, and"
          + " `\(Setting.entry) NAME` takes another: \(others)\(fit.others.count > 6 ? ", ..." : "")"
      )
    }
    if let normalization = fit.normalization {
      notes.append(WeightsNotes.words(normalization, input: input, isIgnored: isNormalized))
    }
    let surplus = fit.surplus
    let left =
      surplus.counters.map { "\($0) (a counter)" } + surplus.idle
      + (isNormalized ? surplus.normalization : [])
    if !left.isEmpty { notes.append("left out: \(WeightsNotes.list(left))") }
    if !surplus.unknown.isEmpty {
      warnings.append(
        "left out: \(WeightsNotes.list(surplus.unknown)), which the architecture does not have; outputs are"
          + " right only if the saved network's do not depend on them")
    }
    if !surplus.averages.isEmpty {
      warnings.append(
        "\(WeightsNotes.list(surplus.averages)) seems to hold an average of the weights, but not all of them, such as"
          + " the statistics of batch normalisation, so \(WeightsNotes.called(fit.entry)) is taken; save the average with"
          + " the model's buffers to evaluate it")
    }
    notes = notes.map { "\(fit.file): \($0)".terminalSafe }
    warnings = warnings.map { "\(fit.file): \($0)".terminalSafe }
  }

  /// Tells all.
  func tell(_ observer: Observer) {
    for note in notes { observer.note(note) }
    for warning in warnings { observer.warn(warning) }
  }

  private static func called(_ entry: String) -> String {
    entry == "." ? "the one without a prefix" : String(entry.prefix(100))
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(6).map { String($0.prefix(100)) }.joined(separator: ", ")
      + (names.count > 6 ? ", and \(names.count - 6) more" : "")
  }

  private static func words(
    _ normalization: WeightsNormalization, input: InputDescription, isIgnored: Bool
  ) -> String {
    func list(_ numbers: [Float]) -> String { numbers.map(\.description).joined(separator: ",") }
    let names = "\(normalization.meanName) and \(normalization.deviationName)"
    let options =
      "\(Setting.mean) \(list(normalization.mean)) \(Setting.std) \(list(normalization.deviation))"
    guard !isIgnored else {
      return
        "\(names) are not used (\(options)), since \(Setting.mean) and \(Setting.std) say otherwise"
    }
    let range = input.networkRange ?? input.bounds
    let isWide = normalization.mean.contains { !range.contains($0) }
    return "the input is normalised by \(names), as by \(options)"
      + (isWide
        ? "; these are no means of values from \(range.lowerBound) to \(range.upperBound): is"
          + " \(Setting.inputRange) 0:255 missing?" : "")
  }
}
