package import Datasets
package import Insight
import JSON
import Models
package import Robustness
package import Tensors

/// What came of a comparison of networks under rotations and shifts.
public struct SpatialResult: Sendable {
  /// What was asked for.
  public let specification: SpatialSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// What the data are called.
  package let dataName: String
  let dataDigest: String
  /// The networks.
  package let rows: [Row]
  /// Duration of the work, without start-up.
  package let seconds: Double

  /// What was done to the examples.
  package enum Column: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case natural
    /// One random change.
    case single
    /// The worst of several random changes.
    case random
    /// A search by gradients.
    case gradient
    /// The worst point of the grid.
    case grid
    /// The worst point of the grid at which no pixel leaves the frame.
    case wholeGrid = "grid_without_loss"
    /// A change of values.
    case ball
    /// A change of places, then one of values.
    case both
  }

  /// A network.
  package struct Row: Sendable {
    /// The network.
    package let subject: Subject
    /// Its examples.
    package let data: Dataset
    /// The change of places.
    package let threat: any ThreatModel
    /// Whether the examples are on a black canvas.
    package let isOnCanvas: Bool
    /// What it reads at every point of the grid.
    package let scan: GridScan
    /// Which examples are read rightly and withstand, for each column.
    package let robust: [Column: [Bool]]
    /// Some examples that the grid breaks.
    package let pictures: [Picture]
    let computation: Computation?

    /// The share of examples that withstand.
    package func accuracy(_ column: Column) -> Proportion {
      let flags = robust[column] ?? []
      return Proportion(flags.count { $0 }, of: flags.count)
    }

    /// How many examples a random draw or a gradient breaks, but no point of the grid.
    package var brokenOffGrid: Int {
      guard let grid = robust[.grid] else { return 0 }
      return grid.indices.count { place in
        grid[place]
          && [Column.single, .random, .gradient].contains { robust[$0]?[place] == false }
      }
    }

    /// The share of examples that neither grid nor any other search of places breaks.
    package var withstanding: Proportion {
      let grid = robust[.grid] ?? []
      return Proportion(grid.count { $0 } - brokenOffGrid, of: grid.count)
    }
  }

  /// An example that the grid breaks.
  package struct Picture: Sendable {
    /// Its place among the examples.
    package let place: Int
    /// The picture as it is.
    package let input: Tensor<Float>
    /// The picture at its worst point.
    package let changed: Tensor<Float>
    /// What is read of both.
    package let before: Ranking
    /// What is read of the changed one.
    package let after: Ranking
  }
}

extension SpatialResult: Encodable {
  /// The record of the comparison.
  public var record: StudyRecord {
    StudyRecord(
      "show spatial", specification,
      [
        "command": ShellWords.json(command), "data": JSONValue(dataName),
        "data_digest": JSONValue(dataDigest), "seed": JSONValue(specification.seed),
        "count": JSONValue(rows[0].data.count), "seconds": JSONValue(seconds),
        "points": JSONValue(rows[0].scan.grid.count),
        "grid": .array(
          rows[0].scan.grid.axes.map { .array($0.map { JSONValue(Double($0)) }) }),
        "rows": .array(rows.map(json)),
      ])
  }

  private func json(_ row: Row) -> JSONValue {
    var accuracies = JSONObject()
    for column in Column.allCases {
      let share = row.accuracy(column)
      accuracies[column.rawValue] = [
        "accuracy": JSONValue(share.share), "count": JSONValue(share.count),
        "interval": EvaluationRun.interval(share),
      ]
    }
    return [
      "model": JSONValue(row.subject.name), "model_digest": JSONValue(row.subject.fileDigest),
      "parameters_digest": JSONValue(row.subject.parametersDigest),
      "black_canvas": JSONValue(row.isOnCanvas), "accuracies": .object(accuracies),
      "broken_off_grid": JSONValue(row.brokenOffGrid),
      "right_by_point": .array(row.scan.right.map { JSONValue($0) }),
      "engine": EngineRecord.json(row.computation),
      "examples": .array(
        row.scan.examples.enumerated().map { place, example in
          var object: JSONObject = [
            "index": JSONValue(example.index), "label": JSONValue(example.label),
            "wrong_points": JSONValue(example.wrongPoints),
            "worst": .array(
              row.scan.grid.point(example.worst).scalars.map { JSONValue(Double($0)) }),
            "worst_prediction": JSONValue(example.prediction),
          ]
          for column in Column.allCases {
            object[column.rawValue] = row.robust[column].map { JSONValue($0[place]) } ?? .null
          }
          return .object(object)
        }),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
