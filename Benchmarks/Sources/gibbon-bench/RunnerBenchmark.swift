import Attacks
import Models
import Robustness
import Tensors

/// A model that returns at once, so that only the runner and the attack take time.
private struct InstantModel: BatchedModel {
  let inputShape: Shape = [1, 28, 28]
  let outputCount = 10
  let knowledge = Knowledge.gradients

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) {
    outputs.update(repeating: 0)
    for row in 0..<count { outputs[row * outputCount] = 1 }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    evaluate(rows, count: count, outputs: outputs)
    guard let target = gradients.baseAddress, let source = rows.baseAddress else { return }
    target.update(from: source, count: count * inputShape.count)
  }
}

/// The cost of the runner per row and step: suspension, packing, verification and PGD's own arithmetic.
struct RunnerBenchmark {
  func run() async throws {
    for (name, norm) in [("linf:0.3", Norm.infinity), ("l2:2", Norm.two)] {
      let ball = try Ball(norm, radius: norm == .infinity ? 0.3 : 2)
      let rows = 1024
      let steps = 100
      let problems = try (0..<rows).map { index in
        var generator = RandomKey(seed: 1).child(index).generator
        return try Problem(
          index: index, input: generator.uniforms([1, 28, 28]), label: 0, threat: ball)
      }
      let runner = AttackRunner(model: InstantModel())
      var costs: [Double] = []
      for _ in 0..<7 {
        let start = ContinuousClock.now
        _ = try await runner.trainingInputs(
          PGD {
            $0.steps = steps
            $0.stepSize = 0.01
          }, on: problems)
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        costs.append((Double(seconds) + Double(attoseconds) * 1e-18) / Double(rows * steps))
      }
      costs.sort()
      let micro = costs.map { ($0 * 1e8).rounded() / 100 }
      print(
        "\(name): \(micro[3]) microseconds per row and step (median of 7; from \(micro[0]) to \(micro[6]))"
      )
    }
  }
}
