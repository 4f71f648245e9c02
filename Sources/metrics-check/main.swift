// Lets Scripts/check-tensorboard.py look at files of events: a training that is stopped, resumed from an earlier step
// and brought to its end, with the same records as JSON lines.

import Files
import Metrics
import Platform

/// What the training measures at a step.
func record(_ step: Int) -> MetricsRecord {
  MetricsRecord(
    step: step, epoch: (step + 99) / 100, time: 1_764_540_000 + Double(step),
    values: [
      ("loss/train", 1 / Double(step)), ("accuracy/validation", 1 - 1 / Double(step)),
      ("rate", step == 50 ? .nan : 1e-3 * Double(step)),
    ])
}

do {
  guard CommandLine.arguments.count == 2 else {
    print("usage: metrics-check FOLDER")
    throw CancellationError()
  }
  let folder = CommandLine.arguments[1]
  try Folder.create(folder)
  let lines = folder + "/metrics.jsonl"
  var sinks: [any MetricsSink] = [
    try MetricsFile(path: lines), try EventFile(folder: folder + "/run"),
  ]
  for step in stride(from: 10, through: 200, by: 10) {
    for sink in sinks { try sink.append(record(step)) }
  }
  sinks = [
    try MetricsFile(path: lines, keepingThrough: 120),
    try EventFile(folder: folder + "/run", keepingThrough: 120),
  ]
  for step in stride(from: 130, through: 180, by: 10) {
    for sink in sinks { try sink.append(record(step)) }
  }
} catch {
  print("metrics-check: \(error)")
  exit(1)
}
