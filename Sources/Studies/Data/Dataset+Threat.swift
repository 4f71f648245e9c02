package import Datasets
package import Networks
package import Robustness
import Settings
import Tensors

extension Dataset {
  /// The threat of a reference for the examples: within their bounds, and where each column has its own, relative to
  /// them.
  ///
  /// - Parameters:
  ///   - reference: What may change.
  ///   - input: What is known of the model's inputs.
  /// - Returns: The threat.
  /// - Throws: `ThreatError`.
  package func threat(
    _ reference: ThreatReference, for input: InputDescription
  ) throws -> any ThreatModel {
    try reference.threat(
      bounds: allowed(for: input), mask: changeable, isRelative: boundsColumns)
  }

  /// A ball around the examples, as of the threat of a reference.
  ///
  /// - Throws: `ThreatError`.
  package func ball(
    _ norm: Norm, radius: Double, for input: InputDescription, levels: QuantizationLevels? = nil
  ) throws -> any ThreatModel {
    let ball = try Ball(norm, radius: radius, bounds: allowed(for: input), mask: changeable)
    if boundsColumns { return RelativeBall(ball) }
    return levels.map { QuantizedBall(ball, levels: $0) } ?? ball
  }

  /// Whether each column has bounds of its own, and radii are relative to them.
  var boundsColumns: Bool { columns?.isBounding == true }

  /// The columns that must not change, by name.
  package var fixedColumns: [String] { columns?.fixedNames ?? [] }

  /// What a threat means for these examples, to follow it; empty if that is all it says.
  package func remark(on threat: ThreatReference) -> String {
    let names = fixedColumns
    let unit = threat.norm == .zero ? " within each column's range" : " of each column's range"
    return (boundsColumns ? unit : "")
      + (names.isEmpty
        ? ""
        : ", but not \(names.count == 1 ? "the column" : "the columns")"
          + " \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", ..." : "")")
  }

  /// What files of changed inputs say of the columns; empty if there is nothing to say.
  var threatMetadata: [String: String] {
    var metadata: [String: String] = [:]
    if boundsColumns { metadata["data range"] = "columns" }
    if !fixedColumns.isEmpty { metadata["fixed columns"] = fixedColumns.joined(separator: ", ") }
    return metadata
  }

  /// The least and the largest value of each column, `lower` and `upper`, where these are the bounds.
  var columnTensors: [String: Tensor<Float>] {
    guard let columns, columns.isBounding else { return [:] }
    return [
      "lower": Tensor(columns.lower, shape: exampleShape),
      "upper": Tensor(columns.upper, shape: exampleShape),
    ]
  }

  /// A change in the data's units, where threats are relative to each column's range.
  func inOwnUnits(_ change: Tensor<Float>) -> Tensor<Float> {
    guard let columns, columns.isBounding, change.count == columns.lower.count else {
      return change
    }
    return Tensor(
      change.scalars.enumerated().map { $1 * (columns.upper[$0] - columns.lower[$0]) },
      shape: change.shape)
  }

  /// Makes sure that a result may be rounded to the levels of pictures.
  ///
  /// - Throws: `StudyError` where columns have ranges of their own, which have no such levels.
  func checkLevels(_ isRounded: Bool) throws {
    guard isRounded, boundsColumns else { return }
    throw StudyError(
      "\(Setting.eightBit) is for pictures and \(Setting.dataRange) columns for tables; expected one of them"
    )
  }

  /// Which values may change; `nil` if all may.
  private var changeable: [Bool]? {
    guard let columns, columns.isFixed.contains(true) else { return nil }
    return columns.isFixed.map { !$0 }
  }

  private func allowed(for input: InputDescription) throws -> InputBounds {
    guard let columns, columns.isBounding else { return try InputBounds(bounds(for: input)) }
    return try InputBounds(
      lower: Tensor(columns.lower, shape: exampleShape),
      upper: Tensor(columns.upper, shape: exampleShape))
  }
}

/// Labels that are no classes of a model's, and what helps.
extension Dataset {
  /// Makes sure that labels are classes of the model's; of a single output, `GoalRule` and `labelWarning` judge.
  func checkClasses(for model: Subject) throws {
    let classes = model.outputCount
    if hasSignedLabels {
      guard classes == 1 else {
        throw StudyError(
          "\(name): the labels are -1 and 1, but \(model.name) has \(classes) classes, counted from 0; convert them,"
            + " such as by (y + 1) // 2 (-1 becomes 0)"
            + targetsRemedy("numbers of a regression are \(Setting.targets) numbers"))
      }
      remarks.add(.signedLabels, "\(name): the labels -1 and 1 are taken as the classes 0 and 1")
    }
    guard classes > 1, let label = labels.max(), label >= classes else { return }
    let countsFromOne = label == classes && labels.min() ?? 0 >= 1
    let place = labels.firstIndex(of: label) ?? 0
    throw StudyError(
      "\(name): example \(indices.lowerBound + place) has the label \(label), but \(model.name) has \(classes) classes"
        + (countsFromOne
          ? "; the labels seem to count from 1, expected them from 0" + countingRemedy : "")
        + targetsRemedy("numbers of a regression are \(Setting.targets) numbers"))
  }

  /// What makes labels count from 0.
  private var countingRemedy: String {
    switch try? DataReference(name) {
    case .npz, .npy: ": y - 1"
    case .images:
      ": rename the folders, or name the classes in order, as folders are called, by \(Setting.labels) FILE"
    default: ""
    }
  }

  /// A remedy that names `--targets`, for data that take it.
  func targetsRemedy(_ words: String) -> String {
    switch try? DataReference(name) {
    case .npz, .npy, .csv: "; \(words)"
    default: ""
    }
  }

  /// What is wrong with labels that a single output cannot tell apart, where the run goes on without them.
  package func labelWarning(for model: Subject) -> String? {
    guard isLabelled, targetKind == .classes, model.outputCount == 1,
      let least = labels.min(), let most = labels.max(), most > 1
    else { return nil }
    return
      "\(name): no accuracy is given, since the model's single output has the classes 0 and 1, but the labels are"
      + " \(least) to \(most)"
      + (least == 1 && most == 2 ? "; the labels seem to count from 1\(countingRemedy)" : "")
      + targetsRemedy("numbers of a regression are \(Setting.targets) numbers")
  }
}
