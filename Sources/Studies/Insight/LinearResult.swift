package import Insight
import JSON
import Models

/// What came of the linear explanation.
public struct LinearResult: Sendable {
  /// What was asked for.
  public let specification: LinearSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// What the network is called.
  package let modelName: String
  /// What the training examples are called.
  package let dataName: String
  /// What the test examples are called.
  package let validationName: String
  /// The names of the two classes.
  package let classNames: [String]
  /// The names of all classes.
  package let outputNames: [String]
  /// The largest change of a value, eps.
  package let radius: Double
  /// The side of the examples in their own size.
  package let side: Int
  /// What changes do in so many dimensions.
  package let rows: [DimensionRow]
  /// Linear models trained in several ways.
  package let defences: [LinearDefence]
  /// The network's logits along the signs of its gradients.
  package let lines: [AttackedLine]
  /// Duration of the work, without start-up.
  package let seconds: Double
  let modelDigest: String?
  let parametersDigest: String?
  let dataDigest: String
  let computation: Computation?

  /// The names of the models that are no networks.
  package static let (gaussian, logistic) = ("gaussian", "logistic")

  /// The names of all models, in the order of tables.
  package var models: [String] {
    rows.reduce(into: []) { if !$0.contains($1.model) { $0.append($1.model) } }
  }

  /// The numbers of dimensions, ascending.
  package var dimensions: [Int] { Set(rows.map(\.dimensions)).sorted() }

  /// The rows of a model in so many dimensions.
  package func rows(_ model: String, _ dimensions: Int) -> [DimensionRow] {
    rows.filter { $0.model == model && $0.dimensions == dimensions }
  }

  /// How a model's ratio of the shift along the signs to that by noise grows with the dimensions.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - value: The ratio of a row.
  /// - Returns: The power law through the ratios of all rows.
  package func fit(_ model: String, _ value: (DimensionRow) -> Double) -> LogLogFit {
    LogLogFit(
      rows.filter { $0.model == model }.map { (x: Double($0.dimensions), y: value($0)) })
  }

  /// The largest difference of a linear model's shift from the closed form, relative to it.
  package var largestShiftError: Double { rows.compactMap(\.shiftError).max() ?? 0 }

  /// The median of the local linearity over the examples that were followed.
  package var linearity: Spread? { Spread(lines.map(\.linearity)) }

  /// The largest difference of a weight that closed form and adversarial training leave.
  package var trainingDifference: Double? {
    func model(_ adversary: LogisticRegression.Adversary) -> LinearScore? {
      defences.first { $0.training.robust > 0 && $0.training.adversary == adversary }?.model
    }
    guard let first = model(.closedForm), let second = model(.training) else { return nil }
    return zip(first.weights, second.weights).reduce(abs(first.offset - second.offset)) {
      max($0, abs($1.0 - $1.1))
    }
  }
}

extension LinearResult: Encodable {
  /// The record.
  public var record: StudyRecord {
    StudyRecord(
      "show linear", specification,
      [
        "command": ShellWords.json(command), "model": JSONValue(modelName),
        "model_digest": JSONValue(modelDigest), "parameters_digest": JSONValue(parametersDigest),
        "data": JSONValue(dataName), "data_digest": JSONValue(dataDigest),
        "validation": JSONValue(validationName),
        "classes": .array(classNames.map { JSONValue($0) }), "radius": JSONValue(radius),
        "seed": JSONValue(specification.seed), "seconds": JSONValue(seconds),
        "fits": .array(
          models.map {
            [
              "model": JSONValue($0), "predicted": json(fit($0, \.predictedRatio)),
              "measured": json(fit($0, \.ratio)),
            ]
          }),
        "rows": .array(rows.map(json)), "largest_shift_error": JSONValue(largestShiftError),
        "defences": .array(defences.map(json)),
        "training_difference": JSONValue(trainingDifference),
        "linearity": JSONValue(linearity?.median), "lines": .array(lines.map(json)),
        "engine": EngineRecord.json(computation),
      ])
  }

  private func json(_ fit: LogLogFit) -> JSONValue {
    [
      "slope": JSONValue(fit.slope), "lower": JSONValue(fit.lower), "upper": JSONValue(fit.upper),
    ]
  }

  private func json(_ row: DimensionRow) -> JSONValue {
    [
      "model": JSONValue(row.model), "dimensions": JSONValue(row.dimensions),
      "draw": JSONValue(row.draw), "predicted_shift": JSONValue(row.predictedShift),
      "shift": JSONValue(row.shift), "predicted_noise": JSONValue(row.predictedNoise),
      "noise": JSONValue(row.noise), "noise_mean": JSONValue(row.noiseMean),
      "noise_error": JSONValue(row.noiseError), "shift_error": JSONValue(row.shiftError),
      "ratio": JSONValue(row.ratio), "predicted_ratio": JSONValue(row.predictedRatio),
      "accuracy": JSONValue(row.accuracy),
    ]
  }

  private func json(_ defence: LinearDefence) -> JSONValue {
    let training = defence.training
    return [
      "robust": JSONValue(training.robust),
      "adversary": JSONValue(training.robust > 0 ? training.adversary.rawValue : nil),
      "l1": JSONValue(training.l1), "l2": JSONValue(training.l2),
      "norm1": JSONValue(defence.model.norm1), "norm2": JSONValue(defence.model.norm2),
      "clean_loss": JSONValue(defence.cleanLoss), "robust_loss": JSONValue(defence.robustLoss),
      "count": JSONValue(defence.count), "errors": JSONValue(defence.errors),
      "attacked_errors": JSONValue(defence.attackedErrors),
      "bounded_errors": JSONValue(defence.boundedErrors),
      "curve": .array(
        defence.curve.map {
          ["radius": JSONValue($0.size), "errors": JSONValue($0.errors)]
        }),
    ]
  }

  private func json(_ line: AttackedLine) -> JSONValue {
    [
      "index": JSONValue(line.index), "label": JSONValue(line.label),
      "linearity": JSONValue(line.linearity), "tangent_error": JSONValue(line.tangentError),
      "pieces": JSONValue(line.knots.count - 1),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
