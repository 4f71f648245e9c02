import Attacks
import Engine
import Models
import Networks
import Robustness
import Tensors

/// PGD steps as users run them: through the runner, with its packing, its objective and its projection.
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
    let runner = AttackRunner(model: model, batch: inputs.images.count)
    let attack = PGD {
      $0.steps = steps
      $0.stepSize = inputs.stepSize
      $0.randomStart = false
    }
    let watch = Stopwatch()
    _ = try await runner.trainingInputs(attack, on: problems)
    return watch.seconds / Double(steps)
  }

  /// The logits, and the gradient of the summed cross-entropy with respect to the images.
  func results() async throws -> [String: Tensor<Float>] {
    let rows = Tensor.stacking(inputs.images)
    let labels = inputs.labels
    let (logits, gradients) = try await model.gradients(at: rows, batch: labels.count) {
      rows, outputs in
      .stacking(
        rows.map { row in
          let softmax = LogSumExp(outputs.row(row).scalars.map(Double.init)).probabilities
          return Tensor(
            softmax.enumerated().map { Float($1 - ($0 == labels[row] ? 1 : 0)) },
            shape: [softmax.count])
        })
    }
    return ["logits": logits, "dx": gradients]
  }
}
