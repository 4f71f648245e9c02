package import Insight
import JSON
package import Networks
package import Perception
import Datasets
import Robustness
import Tensors

/// What came of a comparison of adversarial changes with others of the same length.
public struct ImperceptibleResult: Sendable {
  /// What was asked for.
  public let specification: ImperceptibleSpecification
  /// The attack.
  package let run: AttackRun
  /// Each picture that was broken, with its changes.
  package let comparison: Imperceptibility

  /// The names of the classes, without the synonyms that ImageNet's have.
  package var names: [String] {
    run.request.data.classNames.map { String($0.prefix { $0 != "," }) }
  }

  /// A measure of changes, in the order of tables.
  package struct Measure: Sendable {
    /// Its name in records.
    package let key: String
    /// Its value for a change; `nil` where pictures are too small.
    package let value: @Sendable (ImageDifference) -> Double?
  }

  /// All measures, lengths first.
  package static let measures: [Measure] = [
    Measure(key: "pixels") { Double($0.pixels) }, Measure(key: "sum") { $0.sum },
    Measure(key: "length") { $0.length }, Measure(key: "largest") { $0.largest },
    Measure(key: "root_mean_square") { $0.rootMeanSquare },
    Measure(key: "psnr") { $0.peakSignalToNoise },
    Measure(key: "ssim") { $0.structuralSimilarity },
    Measure(key: "ms_ssim") { $0.multiScaleSimilarity },
    Measure(key: "mean_color_difference") { $0.meanColorDifference },
    Measure(key: "largest_color_difference") { $0.largestColorDifference },
  ]

  /// The changes of a kind.
  package func changes(_ kind: ChangeKind) -> [ComparedChange] {
    comparison.comparisons.compactMap { $0.change(kind)?.change }
  }

  /// A measure over all changes of a kind; `nil` where there are none.
  package func spread(_ measure: Measure, _ kind: ChangeKind) -> Spread? {
    Spread(changes(kind).compactMap { measure.value($0.difference) })
  }

  /// How many pictures with a change of a kind are still read as their class.
  package func right(_ kind: ChangeKind) -> (count: Int, total: Int) {
    let compared = comparison.comparisons.compactMap { comparison in
      comparison.change(kind).map { (comparison.label, $0.change.prediction) }
    }
    return (compared.count { $0.0 == $0.1 }, compared.count)
  }

  /// The picture whose adversarial change has the median length, which stands for all.
  package var typical: ChangeComparison? {
    let sorted = comparison.comparisons.sorted {
      ($0.length, $0.index) < ($1.length, $1.index)
    }
    return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
  }

  /// The pictures as they are (`original`) and with each kind of change, with `index` and `label`; a picture without
  /// room for one of the changes is left out.
  package func pictures() -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "pictures")
    let whole = comparison.comparisons.filter { $0.changes.count == ChangeKind.allCases.count }
    file.integers["index"] = SafeTensorsIntegers(
      whole.map { Int64($0.index) }, shape: [whole.count])
    file.integers["label"] = SafeTensorsIntegers(
      whole.map { Int64($0.label) }, shape: [whole.count])
    guard !whole.isEmpty else { return file }
    file.tensors["original"] = .stacking(whole.map(\.input))
    for (place, kind) in ChangeKind.allCases.enumerated() {
      file.tensors[kind.rawValue] = .stacking(whole.map { $0.changed[place] })
    }
    return file
  }
}

extension ImperceptibleResult: Encodable {
  /// The record of the comparison.
  public var record: StudyRecord {
    var object = run.provenance.json(verb: "show imperceptible")
    object["specification"] = specification.withoutSecrets.json
    object.merge([
      "photo": JSONValue(specification.attack.photo),
      "attack": JSONValue(run.request.attackDescription),
      "count": JSONValue(run.outcomes.count), "broken": JSONValue(comparison.comparisons.count),
      "clean_accuracy": JSONValue(run.clean.share), "seconds": JSONValue(run.seconds),
      "medians": .object(medians), "curves": .array(comparison.curves.map(json)),
      "engine": EngineRecord.json(run.computation),
      "examples": .array(comparison.comparisons.map(json)),
    ])
    return StudyRecord(.object(object))
  }

  private var medians: JSONObject {
    var object = JSONObject()
    for kind in ChangeKind.allCases {
      let right = right(kind)
      var members: JSONObject = [
        "count": JSONValue(right.total), "read_rightly": JSONValue(right.count),
      ]
      for measure in Self.measures {
        let spread = spread(measure, kind)
        members[measure.key] = [
          "median": JSONValue(spread?.median), "lower_quartile": JSONValue(spread?.lower),
          "upper_quartile": JSONValue(spread?.upper),
        ]
      }
      object[kind.rawValue] = .object(members)
    }
    return object
  }

  private func json(_ curve: Imperceptibility.Curve) -> JSONValue {
    [
      "kind": JSONValue(curve.kind.rawValue),
      "points": .array(
        curve.points.map {
          [
            "multiple": JSONValue($0.multiple), "count": JSONValue($0.count),
            "right": JSONValue($0.right), "ssim": JSONValue($0.similarity),
            "mean_color_difference": JSONValue($0.colorDifference),
          ]
        }),
    ]
  }

  private func json(_ comparison: ChangeComparison) -> JSONValue {
    var object: JSONObject = [
      "index": JSONValue(comparison.index), "label": JSONValue(comparison.label),
      "prediction": JSONValue(comparison.before.label),
      "probability": JSONValue(comparison.before.entries.first?.probability),
    ]
    for change in comparison.changes {
      var members: JSONObject = [
        "prediction": JSONValue(change.prediction), "probability": JSONValue(change.probability),
        "own_probability": JSONValue(change.ownProbability),
        "scales": JSONValue(change.difference.scales),
      ]
      for measure in Self.measures {
        members[measure.key] = JSONValue(measure.value(change.difference))
      }
      object[change.kind.rawValue] = .object(members)
    }
    return .object(object)
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
