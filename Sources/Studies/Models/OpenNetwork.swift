import Files
package import JSON
package import Networks
import Reports
import Settings
import Tensors

/// An ONNX file whose examples may be of any shape, so that its graph is not read before one is known.
package struct OpenNetwork {
  /// What the file is called.
  package let name: String
  /// What it says of itself.
  package let outline: ONNXOutline

  /// A file with what it says of itself.
  package init(name: String, outline: ONNXOutline) {
    self.name = name
    self.outline = outline
  }

  /// The description that `gibbon info` prints.
  package var text: String {
    let count = outline.parameters.reduce(0) { $0 + $1.shape.count }
    var lines = ["\(name): ONNX, \(Format.count(count)) values in the file"]
    lines += outline.inputs.map { "input    \(OpenNetwork.text($0))" }
    lines += outline.outputs.map { "output   \(OpenNetwork.text($0))" }
    lines += [
      "         the shape of an example is left open; give \(Setting.data) or \(Setting.inputShape), such as"
        + " \(Setting.inputShape) 3,224,224",
      "",
    ]
    var table = Table(columns: [.words("value"), .words("shape"), .numbers("values")])
    for parameter in outline.parameters {
      table.append(texts: [
        parameter.name, parameter.shape.description, Format.count(parameter.shape.count),
      ])
    }
    return lines.safeLines + "\n" + table.text()
  }

  private static func text(_ value: ONNXOutline.Value) -> String {
    "\(value.name), \(value.type), " + (value.extents?.joined(separator: "x") ?? "of any shape")
  }

  /// The same as `gibbon info` writes it.
  package var json: JSONValue {
    func values(_ values: [ONNXOutline.Value]) -> JSONValue {
      .array(
        values.map { value -> JSONValue in
          let extents: JSONValue? = value.extents.map { .array($0.map { JSONValue($0) }) }
          return [
            "name": JSONValue(value.name), "type": JSONValue(value.type),
            "extents": JSONValue(extents),
          ]
        })
    }
    return StudyRecord(
      "info", nil,
      [
        "model": JSONValue(name),
        "architecture": "ONNX", "inputs": values(outline.inputs),
        "outputs": values(outline.outputs),
        "parameters": .array(
          outline.parameters.map { parameter -> JSONValue in
            [
              "name": JSONValue(parameter.name),
              "shape": .array(parameter.shape.extents.map { JSONValue($0) }),
            ]
          }),
      ]
    ).json
  }
}

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
        "left out: \(WeightsNotes.list(surplus.unknown)), which the architecture does not have; outputs are right"
          + " only if they do not depend on these")
    }
    if !surplus.averages.isEmpty {
      warnings.append(
        "\(WeightsNotes.list(surplus.averages)) looks like an average of the weights, but lacks some (such as batch"
          + " normalisation statistics), so \(WeightsNotes.called(fit.entry)) is taken; to evaluate the average, save"
          + " it with the model's buffers")
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
        ? "; such means cannot come from values from \(range.lowerBound) to \(range.upperBound): is"
          + " \(Setting.inputRange) 0:255 missing?" : "")
  }
}
