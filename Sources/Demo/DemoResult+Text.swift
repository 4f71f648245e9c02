import Networks
import Training
import Robustness
import Datasets
import Insight
import Reports
import JSON
import Studies
extension DemoResult {
  /// What is printed at the end.
  package func text(_ folder: DemoFolder) -> String {
    var lines = [comparison().text()]
    if settings.isQuick {
      lines.append(
        "Quick version: \(settings.epochs.standard) and \(settings.epochs.robust) passes over the data, "
          + "the first \(Format.count(count)) images, a weaker attack.\n")
    }
    lines.append("The report with pictures:   \(folder.file(DemoFolder.page))")
    lines.append("The numbers as JSON:        \(folder.file(DemoFolder.json))")
    lines.append(
      "The networks:               "
        + DemoFolder.networks.all.map(folder.file).joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  /// The object in `report.json`.
  func json(_ folder: DemoFolder) -> JSONValue {
    let files = DemoFolder.networks.map(folder.file)
    func pair<Value>(_ pair: Pair<Value>, _ value: (Value) -> JSONValue) -> JSONValue {
      ["standard": value(pair.standard), "robust": value(pair.robust)]
    }
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { JSONValue($0) }) }
    let rows = table.rows.map { row -> JSONValue in
      [
        "name": JSONValue(row.name), "threat": JSONValue(row.isNatural ? "none" : row.trial.threat),
        "accuracy": pair(row.shares) { JSONValue($0.share) },
        "correct": pair(row.shares) { JSONValue($0.count) },
        "seconds": pair(row.costs) { JSONValue($0.seconds) },
        "forward_evaluations": pair(row.costs) { JSONValue($0.passes.forward) },
        "backward_evaluations": pair(row.costs) { JSONValue($0.passes.backward) },
        "command": pair(files) { JSONValue(ShellWords.line(row.trial.command($0))) },
      ]
    }
    let explanation = linearity.rows.map { row -> JSONValue in
      [
        "radius": JSONValue(row.radius), "predicted": JSONValue(row.predicted),
        "actual": JSONValue(row.actual), "noise_predicted": JSONValue(row.noisePredicted),
        "noise_actual": JSONValue(row.noiseActual),
      ]
    }
    return [
      "verb": "demo", "version": JSONValue(Version.text),
      "quick": JSONValue(settings.isQuick), "seed": JSONValue(settings.seed),
      "data": JSONValue(test.name), "threat": JSONValue(settings.threat),
      "count": JSONValue(count), "networks": networkDescriptions(files), "rows": .array(rows),
      "curves": [
        "count": JSONValue(curves.count), "radii": numbers(curves.radii),
        "attack": pair(curves.attacked, numbers), "noise": pair(curves.noisy, numbers),
      ],
      "linearity": [
        "count": JSONValue(linearity.count), "lead": JSONValue(linearity.lead),
        "slope": JSONValue(linearity.slope), "rows": .array(explanation),
      ],
      "stages": .array(
        stages.map { ["name": JSONValue($0.name), "seconds": JSONValue($0.seconds)] }),
      "seconds": JSONValue(stages.reduce(0) { $0 + $1.seconds }),
    ]
  }

  private func networkDescriptions(_ files: Pair<String>) -> JSONValue {
    func describe(_ network: DemoNetwork, _ file: String) -> JSONValue {
      let epochs = network.epochs.map { record -> JSONValue in
        [
          "loss": JSONValue(record.loss), "accuracy": JSONValue(record.accuracy),
          "validation_accuracy": JSONValue(record.validationAccuracy.map { JSONValue($0) }),
          "robust_accuracy": JSONValue(record.robustAccuracy.map { JSONValue($0) }),
        ]
      }
      return [
        "file": JSONValue(file), "architecture": JSONValue(network.network.architecture),
        "parameters": JSONValue(network.network.parameterCount),
        "recipe": JSONValue(network.recipe.description), "epochs": .array(epochs),
        "commands": .array(
          network.commands(output: file).map { JSONValue(ShellWords.line($0)) }),
      ]
    }
    return [
      "standard": describe(networks.standard, files.standard),
      "robust": describe(networks.robust, files.robust),
    ]
  }
}
