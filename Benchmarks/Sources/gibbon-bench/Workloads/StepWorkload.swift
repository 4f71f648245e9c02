import Attacks
import Engine
import Foundation
import Networks
import Robustness
import Tensors

/// PGD steps as users run them: through the shell, with its packing, its objective and its projection.
struct StepWorkload: Workload {
  private let inputs: Inputs
  private let model: CompiledNetwork

  /// Prepares the work.
  init(_ inputs: Inputs) throws {
    self.inputs = inputs
    model = try CompiledNetwork(inputs.network)
  }

  /// Makes one attack of all the steps.
  func seconds(perStepOf steps: Int) async throws -> Double {
    let problems = try inputs.problems()
    let shell = Shell(model: model, batch: inputs.images.count)
    let attack = PGD {
      $0.steps = steps
      $0.stepSize = inputs.stepSize
      $0.randomStart = false
    }
    let watch = Stopwatch()
    _ = try await shell.worstInputs(attack, on: problems)
    return watch.seconds / Double(steps)
  }

  /// The logits, and the gradient of the summed cross-entropy with respect to the images.
  func results() async throws -> [String: Tensor<Float>] {
    let rows = Tensor.stacking(inputs.images)
    let (labels, model) = (inputs.labels, model)
    let count = labels.count
    let width = model.outputCount
    let (logits, gradients) = try await EngineThread.shared.run {
      var logits = [Float](repeating: 0, count: count * width)
      var gradients = [Float](repeating: 0, count: rows.count)
      try rows.scalars.withUnsafeBufferPointer { rows in
        try logits.withUnsafeMutableBufferPointer { logits in
          try gradients.withUnsafeMutableBufferPointer { gradients in
            try model.differentiate(rows, count: count, outputs: logits, gradients: gradients) {
              outputs, cotangents in
              for row in 0..<count {
                let scores = outputs[row * width..<(row + 1) * width].map { exp(Double($0)) }
                let sum = scores.reduce(0, +)
                for (index, score) in scores.enumerated() {
                  cotangents[row * width + index] = Float(
                    score / sum - (index == labels[row] ? 1 : 0))
                }
              }
            }
          }
        }
      }
      return (logits, gradients)
    }
    return [
      "logits": Tensor(logits, shape: [count, width]), "dx": Tensor(gradients, shape: rows.shape),
    ]
  }
}
