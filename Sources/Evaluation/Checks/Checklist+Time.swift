import Engine
import Models
import Robustness
import Tensors

extension Checklist {
  /// A forward pass that optimises costs as much as one with a gradient that does not see the optimisation.
  func inference(_ model: any BatchedModel) async throws -> Check {
    guard model.knowledge >= .gradients, let first = sample.first else {
      return Check(
        .inference, .unknown, "needs the time of a forward pass and of a gradient")
    }
    // The time of a small network is that of starting it.
    if model is CompiledNetwork {
      return Check(
        .inference, .clear, "the network is a graph without loops, and its gradient sees all of it")
    }
    let count = min(16, sample.count)
    let rows = Tensor.stacking(
      (0..<count).map {
        sample[$0].problem.threat.apply(sample[$0].problem.input, to: first.problem.input)
      })
    let (forward, gradient) = try await EngineThread.shared.run {
      try Checklist.times(of: model, rows)
    }
    let ratio = gradient / max(forward, 1e-12)
    let text = (100 * ratio).rounded() / 100
    return Check(
      .inference, if: ratio < 1.1 && forward > 1e-5,
      "outputs with a gradient take \(text) times as long as outputs alone; a network without loops takes 1.3 or more",
      advice:
        "the forward pass does work that its gradient does not see, such as an optimisation: attack all of it"
    )
  }

  /// The least seconds of a forward pass and of one with a gradient.
  private static func times(
    of model: any BatchedModel, _ rows: Tensor<Float>
  ) throws -> (forward: Double, gradient: Double) {
    func seconds(_ body: () throws -> Void) rethrows -> Double {
      let start = ContinuousClock.now
      try body()
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return Double(seconds) + Double(attoseconds) * 1e-18
    }
    var (forward, gradient) = (Double.infinity, Double.infinity)
    let cotangents = Tensor<Float>(shape: [rows.shape[0], model.outputCount]) {
      for index in $0.indices { $0[index] = index % 2 == 0 ? 1 : -1 }
    }
    // In turns, so that both meet the same moments of a busy machine.
    for _ in 0..<6 {
      forward = min(forward, try seconds { _ = try model.evaluate(rows) })
      gradient = min(
        gradient, try seconds { _ = try model.differentiate(rows) { _ in cotangents } })
    }
    return (forward, gradient)
  }
}
