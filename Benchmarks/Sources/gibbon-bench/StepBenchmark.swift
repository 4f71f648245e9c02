import Attacks
import Engine
import Foundation
import Networks
import Robustness
import Tensors

/// One PGD step of the Madry CNN on 128 images, as users run it: through the shell, with its packing, its
/// objective and its projection.
struct StepBenchmark {
  private static let batch = 128
  private let model: CompiledNetwork
  private let images: [Tensor<Float>]
  private let labels: [Int]

  init() throws {
    var network = try Architecture.madryCNN.network(seed: 0)
    let values = FormulaWeights.madry.parameters
    try network.load(
      Dictionary(uniqueKeysWithValues: zip(network.parameterNames, values)))
    model = try CompiledNetwork(network)
    let distinct = FormulaWeights.madry.images
    images = (0..<StepBenchmark.batch).map { distinct[$0 % distinct.count] }
    labels = (0..<StepBenchmark.batch).map { FormulaWeights.labels[$0 % distinct.count] }
  }

  /// Answers commands until `quit` or the end of the input.
  func serve() async throws {
    answer(
      #"{"name": "gibbon", "versions": {"gibbon": "0.1.0"}, "threads": \#(ProcessInfo.processInfo.activeProcessorCount)}"#
    )
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      switch (words.first, words.count) {
      case ("quit", 1): return
      case ("run", 2):
        guard let steps = Int(words[1]), steps > 0 else { fallthrough }
        answer(#"{"seconds_per_step": \#(try await secondsPerStep(steps)), "steps": \#(steps)}"#)
      case ("check", 2):
        try await check(words[1])
        answer(#"{"check": "\#(words[1])"}"#)
      default:
        answer(#"{"error": "expected run K, check PATH or quit"}"#)
      }
    }
  }

  private func answer(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func secondsPerStep(_ steps: Int) async throws -> Double {
    let ball = try Ball(.infinity, radius: 0.3)
    let problems = try images.enumerated().map { index, image in
      try Problem(index: index, input: image, label: labels[index], threat: ball)
    }
    let shell = Shell(model: model, batch: StepBenchmark.batch)
    let attack = PGD(steps: steps, stepSize: 0.01, randomStart: false)
    let start = ContinuousClock.now
    _ = try await shell.worstInputs(attack, on: problems)
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return (Double(seconds) + Double(attoseconds) * 1e-18) / Double(steps)
  }

  private func check(_ path: String) async throws {
    let count = StepBenchmark.batch
    let rows = Tensor.stacking(images)
    let labels = labels
    let model = model
    let (logits, gradients) = try await EngineThread.shared.run {
      var logits = [Float](repeating: 0, count: count * 10)
      var gradients = [Float](repeating: 0, count: rows.count)
      try rows.scalars.withUnsafeBufferPointer { rows in
        try logits.withUnsafeMutableBufferPointer { logits in
          try gradients.withUnsafeMutableBufferPointer { gradients in
            try model.differentiate(rows, count: count, outputs: logits, gradients: gradients) {
              outputs, cotangents in
              for row in 0..<count {
                let scores = outputs[row * 10..<(row + 1) * 10].map { exp(Double($0)) }
                let sum = scores.reduce(0, +)
                for (index, score) in scores.enumerated() {
                  cotangents[row * 10 + index] = Float(
                    score / sum - (index == labels[row] ? 1 : 0))
                }
              }
            }
          }
        }
      }
      return (logits, gradients)
    }
    var file = SafeTensorsFile(name: path)
    file.tensors["logits"] = Tensor(logits, shape: [count, 10])
    file.tensors["dx"] = Tensor(gradients, shape: rows.shape)
    try Data(file.encoded()).write(to: URL(fileURLWithPath: path))
  }
}
