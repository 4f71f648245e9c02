import Datasets
import Engine
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Synchronization
import Tensors
import Testing
import Training

/// What methods make of a batch, in the first step of a training.
@Suite struct MethodPreparationTests {
  private static let count = 8
  private let data = Digits.data(Self.count)

  /// Keeps what another method prepares.
  private struct Recording: TrainingMethod {
    let method: any TrainingMethod
    let kept = Kept()
    var description: String { method.description }

    final class Kept: Sendable {
      let steps = Mutex<[(batch: TrainingBatch, inputs: [String: [Float]])]>([])
    }

    func loss(in builder: inout LossBuilder) throws -> Value { try method.loss(in: &builder) }

    func prepare(
      _ batch: TrainingBatch, by session: TrainingSurroundings
    ) async throws -> [String: [Float]] {
      let inputs = try await method.prepare(batch, by: session)
      kept.steps.withLock { $0.append((batch, inputs)) }
      return inputs
    }
  }

  private let network: Network
  private let model: CompiledNetwork

  init() throws {
    network = try Digits.network()
    model = try CompiledNetwork(network)
  }

  /// The batch and the inputs of the first step.
  private func first(
    _ method: any TrainingMethod, epochs: Int = 1
  ) async throws -> (batch: TrainingBatch, inputs: [String: [Float]]) {
    let recording = Recording(method: method)
    let recipe = Recipe(
      epochs: epochs, batchSize: Self.count, optimizer: SGD(), schedule: .constant(rate: 0),
      method: recording)
    _ = try await Trainer(recipe).train(TrainingState(network, recipe: recipe), on: data)
    return recording.kept.steps.withLock { $0[0] }
  }

  private func values(
    _ method: any TrainingMethod
  ) async throws -> (batch: TrainingBatch, values: [Float]) {
    let (batch, inputs) = try await first(method)
    return (batch, try #require(inputs[LossBuilder.inputName]))
  }

  /// log p of each row's label.
  private func logarithms(_ values: [Float], _ batch: TrainingBatch) async throws -> [Double] {
    let shape = batch.exampleShape.prepending(batch.count)
    let outputs = try await model.outputs(of: Tensor(values, shape: shape))
    return batch.labels.enumerated().map { row, label in
      let scores = outputs.row(row).scalars.map { Double($0) }
      return scores[label] - Double.log(scores.reduce(0) { $0 + Double.exp($1) })
    }
  }

  private func row(_ row: Int, of values: [Float], _ batch: TrainingBatch) -> Tensor<Float> {
    let size = batch.exampleShape.count
    return Tensor(Array(values[row * size..<(row + 1) * size]), shape: batch.exampleShape)
  }

  @Test("without noise and with one draw, smoothed training ascends as the others do")
  func smoothedWithoutNoise() async throws {
    let ball = try Ball(.two, radius: 1)
    var method = SmoothAdversarialTraining(ball, words: "l2:1")
    (method.deviation, method.draws, method.steps, method.step) = (0, 1, 3, 0.5)
    let (_, inputs) = try await first(method)
    let found = try #require(inputs["noisy 0"])
    let ascent = TrainingAscent(.crossEntropy, steps: 3, stepSize: 0.5, noise: 0)
    let (_, expected) = try await values(
      AdversarialTraining(Recipe.Adversary(ascent, within: ball, words: "l2:1")))
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("the smoothed classifier is less sure of what is found, within the ball")
  func smoothed() async throws {
    let ball = try Ball(.two, radius: 1)
    var method = SmoothAdversarialTraining(ball, words: "l2:1")
    (method.deviation, method.draws, method.steps) = (0.25, 3, 4)
    let (batch, inputs) = try await first(method)
    method.steps = 0
    let (_, start) = try await first(method)
    var sums = (before: [Double](repeating: 0, count: batch.count), after: [Double]())
    sums.after = sums.before
    var moves: [[Float]] = []
    for draw in 0..<3 {
      let before = try #require(start["noisy \(draw)"])
      let after = try #require(inputs["noisy \(draw)"])
      moves.append(zip(after, before).map { $0 - $1 })
      for (row, value) in try await logarithms(before, batch).enumerated() {
        sums.before[row] += Double.exp(value)
      }
      for (row, value) in try await logarithms(after, batch).enumerated() {
        sums.after[row] += Double.exp(value)
      }
    }
    for row in 0..<batch.count {
      #expect(sums.after[row] < sums.before[row])
      // All draws are moved alike, up to the rounding of sums.
      for move in moves {
        let own = self.row(row, of: move, batch)
        #expect(
          zip(own.scalars, self.row(row, of: moves[0], batch).scalars).allSatisfy {
            abs($0 - $1) < 1e-6
          })
        #expect(own.norm2 <= 1 + 1e-5 && own.norm2 > 0.5)
      }
    }
    #expect(
      SmoothAdversarialTraining.shares([Double.log(2), Double.log(6)]).map {
        ($0 * 1e9).rounded() / 1e9
      } == [0.75, 0.25])
    #expect(SmoothAdversarialTraining.shares([.nan, 1]) == [0.5, 0.5])
    #expect(SmoothAdversarialTraining.shares([2000, 3000]) == [1, 0])
  }

  @Test("steepest descent with one ball is that ball's ascent", arguments: [Norm.infinity, .two])
  func steepestOfOne(norm: Norm) async throws {
    let ball = try Ball(norm, radius: norm == .infinity ? 0.1 : 1)
    var method = MultiSteepestDescent([ball], words: "\(ball)")
    method.steps = 4
    let (_, found) = try await values(method)
    let ascent = TrainingAscent(.crossEntropy, steps: 4, noise: 0)
    let (_, expected) = try await values(
      AdversarialTraining(Recipe.Adversary(ascent, within: ball, words: "\(ball)")))
    #expect(found == expected)
  }

  @Test("steepest descent stays in one of the balls, and one step is the worst of theirs")
  func steepest() async throws {
    let balls = [
      try Ball(.infinity, radius: 0.1), try Ball(.two, radius: 1.5), try Ball(.one, radius: 10),
    ]
    var method = MultiSteepestDescent(balls, words: "balls")
    (method.steps, method.step) = (1, 1)
    let (batch, found) = try await values(method)
    let losses = try await logarithms(found, batch)
    var worst = [Double](repeating: .infinity, count: batch.count)
    for ball in balls {
      var single = MultiSteepestDescent([ball], words: "\(ball)")
      (single.steps, single.step) = (1, 1)
      let own = try await logarithms(try await values(single).values, batch)
      worst = zip(worst, own).map { min($0, $1) }
    }
    #expect(zip(losses, worst).allSatisfy { abs($0 - $1) < 1e-5 })
    method.steps = 5
    method.step = nil
    let (_, further) = try await values(method)
    for row in 0..<batch.count {
      let point = self.row(row, of: further, batch)
      #expect(
        try balls.contains { try $0.region(around: batch.example(row)).contains(point) })
    }
  }

  @Test("of random moves the worst is kept")
  func spatial() async throws {
    let threat = try ThreatReference("rotation:30+shift:3").threat()
    let (batch, found) = try await values(SpatialTraining(threat, words: "moves", draws: 6))
    let losses = try await logarithms(found, batch)
    // One draw, and with it the first of six.
    let (_, single) = try await values(SpatialTraining(threat, words: "moves", draws: 1))
    let key = RandomKey(seed: 0).child("adversary").child(0).child("draws")
    var worst = [Double](repeating: .infinity, count: batch.count)
    for draw in 0..<6 {
      var moved: [Float] = []
      for row in 0..<batch.count {
        let example = batch.example(row)
        var generator = key.child(draw).child(batch.indices[row]).generator
        let z = try threat.region(around: example).sample(using: &generator)
        moved += threat.apply(z, to: example).scalars
      }
      if draw == 0 { #expect(moved == single) }
      worst = zip(worst, try await logarithms(moved, batch)).map { min($0, $1) }
    }
    #expect(zip(losses, worst).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("small boxes lie in the whole one around what the attack finds", arguments: [0.25, 1])
  func smallBoxes(lambda: Double) async throws {
    let ball = try Ball(.infinity, radius: 0.1)
    var method = SABR(ball, words: "linf:0.1", lambda: lambda)
    (method.intervals.warmUp, method.intervals.ramp) = (0, 0)
    let (batch, inputs) = try await first(method)
    let (lower, upper) = (try #require(inputs["lower"]), try #require(inputs["upper"]))
    let width = Float(2 * lambda * 0.1) + 1e-6
    for (index, value) in batch.values.enumerated() {
      #expect(lower[index] <= upper[index] && upper[index] - lower[index] <= width)
      #expect(lower[index] >= max(value - 0.1, 0) - 1e-6)
      #expect(upper[index] <= min(value + 0.1, 1) + 1e-6)
    }
    let middle = zip(lower, upper).map { ($0 + $1) / 2 }
    let (clean, attacked) = (
      try await logarithms(batch.values, batch), try await logarithms(middle, batch)
    )
    if lambda == 1 {
      let (_, whole) = try await first(intervals(ball))
      #expect(whole["lower"] == lower && whole["upper"] == upper)
    } else {
      #expect(zip(clean, attacked).allSatisfy { $0 > $1 })
    }
  }

  private func intervals(_ ball: Ball) -> IntervalTraining {
    var method = IntervalTraining(ball, words: "\(ball)")
    (method.warmUp, method.ramp) = (0, 0)
    return method
  }

  @Test("an attack stands beside the whole box, by fixed weights")
  func multipleTasks() async throws {
    let ball = try Ball(.infinity, radius: 0.1)
    var method = MTLIBP(ball, words: "linf:0.1", alpha: 0.25)
    (method.intervals.warmUp, method.intervals.ramp) = (0, 0)
    let (batch, inputs) = try await first(method)
    let (_, whole) = try await first(intervals(ball))
    #expect(whole["lower"] == inputs["lower"] && whole["upper"] == inputs["upper"])
    #expect(inputs["kappa"] == [0.75])
    let found = try #require(inputs["adversarial"])
    for row in 0..<batch.count {
      let region = try ball.region(around: batch.example(row))
      #expect(region.contains(self.row(row, of: found, batch)))
    }
    let (clean, attacked) = (
      try await logarithms(batch.values, batch), try await logarithms(found, batch)
    )
    #expect(zip(clean, attacked).allSatisfy { $0 > $1 })
    // Before the ramp there is nothing to search in.
    (method.intervals.warmUp, method.intervals.ramp) = (0.9, 1)
    let (_, early) = try await first(method, epochs: 2)
    #expect(early["adversarial"] == batch.values)
    #expect(early["lower"] == batch.values && early["upper"] == batch.values)
    #expect(early["kappa"] == [0.75])
  }
}
