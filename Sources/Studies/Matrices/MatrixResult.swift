package import Diagnosis
import Models
public import Evaluation
import JSON
import Reports
import Robustness

/// What came of a matrix of networks and radii.
public struct MatrixResult: Sendable {
  /// What was asked for.
  public let specification: MatrixSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The accuracies, and what they are made of.
  public let matrix: RobustnessMatrix
  /// What else is known of each network.
  package let networks: [Row]
  /// The attacks of each norm.
  package let suites: [String: Suite]
  /// What the data are called.
  package let dataName: String
  let dataDigest: String

  /// A network of the matrix.
  package struct Row: Sendable {
    package let row: RobustnessMatrix.Row
    /// The architecture.
    package let form: String
    let parametersDigest: String?
    let fileDigest: String?
    let computation: Computation?
    /// What the diagnosis found.
    package let findings: [Finding]?
  }

  /// Makes sure that no example is certified and broken.
  ///
  /// - Throws: `StudyError` that names the network and the examples.
  package func checkCertificates() throws {
    for row in matrix.rows { if let alarm = row.alarm { throw StudyError(alarm) } }
  }

  /// The seconds of all attacks and verifications.
  package var seconds: Double {
    matrix.rows.reduce(0) { $0 + $1.seconds.reduce(0, +) + $1.verifySeconds }
  }
}

extension MatrixResult: Encodable {
  /// The record of the matrix.
  public var record: StudyRecord {
    StudyRecord(
      "matrix", specification,
      [
        "command": ShellWords.json(command), "data": JSONValue(dataName),
        "data_digest": JSONValue(dataDigest), "seed": JSONValue(specification.seed),
        "count": JSONValue(matrix.rows[0].examples.count), "seconds": JSONValue(seconds),
        "attacks": .object(
          suites.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { object, suite in
            object[suite.key] = .array(
              suite.value.members.map {
                ["name": JSONValue($0.name), "attack": JSONValue($0.description)]
              })
          }),
        "columns": .array(
          matrix.columns.map {
            [
              "threat": JSONValue($0.threat), "norm": JSONValue($0.norm),
              "radius": JSONValue($0.radius),
            ]
          }),
        "rows": .array(networks.map(json)),
      ])
  }

  private func json(_ network: Row) -> JSONValue {
    let row = network.row
    return [
      "model": JSONValue(row.model), "architecture": JSONValue(network.form),
      "model_digest": JSONValue(network.fileDigest),
      "parameters_digest": JSONValue(network.parametersDigest),
      "clean_accuracy": JSONValue(row.clean.share), "clean_count": JSONValue(row.clean.count),
      "cells": .array(matrix.columns.indices.map { cell(row, $0) }),
      "verify_seconds": JSONValue(row.verifySeconds),
      "contradictions": .array(row.contradictions.map { JSONValue($0) }),
      "warnings": DiagnosisStep.json(network.findings),
      "engine": EngineRecord.json(network.computation),
      "examples": .array(
        row.examples.map { example in
          [
            "index": JSONValue(example.index), "label": JSONValue(example.label),
            "prediction": JSONValue(example.prediction), "right": JSONValue(example.isRight),
            "robust": .array(example.isRobust.map { JSONValue($0) }),
            "certified": .array(example.isCertified.map { JSONValue($0) }),
          ]
        }),
    ]
  }

  private func cell(_ row: RobustnessMatrix.Row, _ column: Int) -> JSONValue {
    let robust = row.robust(column)
    var cell: JSONObject = [
      "threat": JSONValue(matrix.columns[column].threat),
      "robust_accuracy": JSONValue(robust.share), "robust_count": JSONValue(robust.count),
      "robust_interval": EvaluationRun.interval(robust),
      "attacked": JSONValue(row.attacked[column]), "seconds": JSONValue(row.seconds[column]),
      "forward_evaluations": JSONValue(row.passes[column].forward),
      "backward_evaluations": JSONValue(row.passes[column].backward),
    ]
    if let verified = row.verified(column) {
      cell["verified_accuracy"] = JSONValue(verified.share)
      cell["verified_count"] = JSONValue(verified.count)
      cell["verified_interval"] = EvaluationRun.interval(verified)
    }
    return .object(cell)
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
