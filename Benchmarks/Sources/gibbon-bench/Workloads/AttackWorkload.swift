import Attacks
import Engine
import Networks
import Robustness
import Tensors

/// PGD as users call it: from images to adversarial images.
struct AttackWorkload: Workload {
  private let inputs: Inputs
  private let model: CompiledNetwork
  private let steps: Int
  private let exitsEarly: Bool

  /// Prepares the work.
  ///
  /// - Parameters:
  ///   - inputs: The network and the images.
  ///   - steps: The steps of one attack.
  ///   - exitsEarly: Whether an example is done where it is broken and verified, as in ordinary use; otherwise
  ///     every example gets every step, as it does from others.
  /// - Throws: `GraphError` if the network has no scores.
  init(_ inputs: Inputs, steps: Int, exitsEarly: Bool) throws {
    self.inputs = inputs
    self.steps = steps
    self.exitsEarly = exitsEarly
    model = try CompiledNetwork(inputs.network)
  }

  /// The seconds of a whole attack.
  func seconds(perStepOf calls: Int) async throws -> Double {
    let attack = PGD {
      $0.steps = steps
      $0.stepSize = inputs.stepSize
      $0.randomStart = true
    }
    let watch = Stopwatch()
    for _ in 0..<calls {
      let runner = AttackRunner(model: model, batch: inputs.images.count)
      if exitsEarly {
        _ = try await runner.run(attack, on: inputs.problems())
      } else {
        _ = try await runner.trainingInputs(attack, on: inputs.problems())
      }
    }
    return watch.seconds / Double(calls)
  }

  /// The adversarial images from the images themselves on, with every step, and the logits there.
  func results() async throws -> [String: Tensor<Float>] {
    let attack = PGD {
      $0.steps = steps
      $0.stepSize = inputs.stepSize
      $0.randomStart = false
    }
    let runner = AttackRunner(model: model, batch: inputs.images.count)
    let rows = Tensor.stacking(
      try await runner.trainingInputs(attack, on: inputs.problems()).map(\.input))
    let logits = try await ForwardWorkload.logits(of: rows, by: model)
    return ["adversarial": rows, "logits": logits]
  }
}
