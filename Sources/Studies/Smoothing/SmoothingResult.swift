import JSON
import Models
public import Robustness
package import Smoothing

/// What came of the certificates of a smoothed classifier.
public struct SmoothingResult: Sendable {
  /// What was asked for.
  public let specification: SmoothingSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The noise.
  package let noise: SmoothingNoise
  /// The radii at which accuracy is told, ascending, in the norm of the noise.
  public let radii: [Double]
  /// What was found of each example.
  public let examples: [Example]
  /// What the model is called.
  package let modelName: String
  /// What the data are called.
  package let dataName: String
  let dataDigest: String
  let modelDigest: String?
  let computation: Computation?
  /// The duration of the work.
  package let seconds: Double

  /// What is known of an example.
  public struct Example: Sendable, Hashable, Codable {
    /// Its place in the data.
    public let index: Int
    /// Its class.
    public let label: Int
    /// The class that is certified; `nil` for an abstention.
    public let prediction: Int?
    /// Within which the prediction does not change; with `anytime` the largest of the radii that were certified, or 0.
    public let radius: Double
    /// The number of draws.
    public let draws: Int

    /// Whether the label is certified within a radius; at 0 whether it is the prediction.
    public func isCertified(within radius: Double) -> Bool {
      prediction == label && self.radius >= radius
    }
  }

  /// The share of examples whose label is certified within a radius.
  public func certified(within radius: Double) -> Proportion {
    Proportion(
      examples.count { $0.isCertified(within: radius) }, of: max(1, examples.count))
  }

  /// How many examples have no prediction.
  public var abstentions: Int { examples.count { $0.prediction == nil } }

  /// The mean number of draws of an example.
  public var meanDraws: Double {
    examples.reduce(0) { $0 + Double($1.draws) } / Double(max(1, examples.count))
  }
}

extension SmoothingResult: Encodable {
  /// The record of the certificates.
  public var record: StudyRecord {
    StudyRecord(
      "certify", specification,
      [
        "model": JSONValue(modelName), "command": ShellWords.json(command),
        "model_digest": JSONValue(modelDigest), "data": JSONValue(dataName),
        "data_digest": JSONValue(dataDigest), "count": JSONValue(examples.count),
        "noise": JSONValue(noise.description), "norm": JSONValue(noise.norm.rawValue),
        "alpha": JSONValue(specification.alpha), "seed": JSONValue(specification.seed),
        "clean_accuracy": JSONValue(certified(within: 0).share),
        "abstentions": JSONValue(abstentions), "draws_per_example": JSONValue(meanDraws),
        "certified": .array(
          radii.map { radius in
            let share = certified(within: radius)
            return [
              "radius": JSONValue(radius), "accuracy": JSONValue(share.share),
              "count": JSONValue(share.count), "interval": EvaluationRun.interval(share),
            ]
          }),
        "seconds": JSONValue(seconds), "engine": EngineRecord.json(computation),
        "examples": .array(
          examples.map {
            [
              "index": JSONValue($0.index), "label": JSONValue($0.label),
              "prediction": JSONValue($0.prediction), "radius": JSONValue($0.radius),
              "draws": JSONValue($0.draws),
            ]
          }),
      ])
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
