package import Diagnosis
import Insight
import JSON
import Models
import Robustness
public import Tensors

/// What must change in one input so that each of several networks sees something else.
public struct MorphResult: Sendable {
  /// What was asked for.
  public let specification: MorphSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The input as it is.
  public let input: Tensor<Float>
  /// The range of its values.
  public let bounds: ClosedRange<Float>
  /// What the input is called.
  public let source: String
  /// The names of the classes.
  public let classNames: [String]
  /// The class to be seen; `nil` for all.
  public let target: Int?
  /// What came of each network.
  package let networks: [Network]
  /// Duration of the work, without start-up.
  public let seconds: Double
  let dataDigest: String

  /// How many inputs there are on the way to a changed one.
  package static let steps = 25

  /// A network with what else is known of it.
  package struct Network: Sendable {
    package let morphs: NetworkMorphs
    /// The architecture.
    package let form: String
    let parametersDigest: String?
    let fileDigest: String?
    let computation: Computation?
    /// What the diagnosis found.
    package let findings: [Finding]?
  }

  /// What must change for each network, in the order in which they were named.
  public var morphs: [NetworkMorphs] { networks.map(\.morphs) }

  /// The classes that were to be seen, in ascending order.
  package var targets: [Int] {
    Set(morphs.flatMap { $0.morphs.map(\.target) }).sorted()
  }
}

extension MorphResult: Encodable {
  /// The record of the result; the pictures are told by the digests of their values.
  public var record: StudyRecord {
    StudyRecord(
      "show morph", specification,
      [
        "command": ShellWords.json(command), "input": JSONValue(source),
        "data_digest": JSONValue(dataDigest), "seed": JSONValue(specification.seed),
        "target": JSONValue(target), "seconds": JSONValue(seconds),
        "networks": .array(networks.map(json)),
      ])
  }

  private func json(_ network: Network) -> JSONValue {
    [
      "model": JSONValue(network.morphs.model), "architecture": JSONValue(network.form),
      "model_digest": JSONValue(network.fileDigest),
      "parameters_digest": JSONValue(network.parametersDigest),
      "source": JSONValue(network.morphs.source),
      "probability": JSONValue(network.morphs.probability),
      "warnings": DiagnosisStep.json(network.findings),
      "engine": EngineRecord.json(network.computation),
      "morphs": .array(
        network.morphs.morphs.map { morph in
          [
            "target": JSONValue(morph.target),
            "name": JSONValue(classNames.name(of: morph.target)),
            "budget": JSONValue(morph.budget),
            "least": JSONValue(morph.least.map(json)), "large": JSONValue(morph.large.map(json)),
          ]
        }),
    ]
  }

  private func json(_ change: Morph.Change) -> JSONValue {
    [
      "attack": JSONValue(change.attack), "l2": JSONValue(change.length),
      "linf": JSONValue(change.largest),
      "probability": JSONValue(change.probability),
      "witness": JSONValue(AdversarialExample.hash(of: change.input)),
      "path": .array(
        change.path.steps.map {
          [
            "l2": JSONValue($0.length), "prediction": JSONValue($0.prediction),
            "source": JSONValue($0.source), "target": JSONValue($0.target),
          ]
        }),
      "noise": .array(
        change.noise.map {
          [
            "norm": JSONValue($0.norm.rawValue), "size": JSONValue($0.size),
            "draws": JSONValue($0.draws), "changed": JSONValue($0.changedShare),
            "target": JSONValue($0.targetShare), "mean_target": JSONValue($0.meanTarget),
          ]
        }),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
