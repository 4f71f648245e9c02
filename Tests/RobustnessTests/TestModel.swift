import Engine
import Models
import Robustness
import Synchronization
import Tensors

/// A two-class affine model in one number per row, that counts, records and fails on demand.
final class TestModel: BatchedModel {
  enum Broken: Error { case down }

  let inputShape: Shape
  let outputCount = 2
  let knowledge: Knowledge
  let forwards = Atomic<Int>(0)
  let backwards = Atomic<Int>(0)
  let batches = Mutex<[(count: Int, isGradient: Bool)]>([])
  private let failsAfter: Int
  private let fits: Int
  private let bias: Float

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - size: The number of inputs.
  ///   - bias: The outputs are (0, sum of x + bias).
  ///   - knowledge: What it reveals.
  ///   - failsAfter: The number of calls after which it throws.
  ///   - fits: The most rows that fit in its memory.
  init(
    size: Int = 6, bias: Float = -1000, knowledge: Knowledge = .gradients,
    failsAfter: Int = .max, fits: Int = .max
  ) {
    inputShape = [size]
    self.bias = bias
    self.knowledge = knowledge
    self.failsAfter = failsAfter
    self.fits = fits
  }

  private func note(_ count: Int, isGradient: Bool) throws {
    if count > fits {
      throw EngineError.memory(
        purpose: "\(count) rows", needed: 100 * count, available: 100 * fits)
    }
    forwards.wrappingAdd(count, ordering: .relaxed)
    if isGradient { backwards.wrappingAdd(count, ordering: .relaxed) }
    let calls = batches.withLock { batches in
      batches.append((count, isGradient))
      return batches.count
    }
    if calls > failsAfter { throw Broken.down }
  }

  private func compute(
    _ rows: UnsafeBufferPointer<Float>, _ count: Int, _ outputs: UnsafeMutableBufferPointer<Float>
  ) {
    let size = inputShape.count
    for row in 0..<count {
      var sum = bias
      for index in 0..<size { sum += rows[row * size + index] }
      outputs[2 * row] = 0
      outputs[2 * row + 1] = sum
    }
  }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try note(count, isGradient: false)
    compute(rows, count, outputs)
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try note(count, isGradient: true)
    compute(rows, count, outputs)
    var slopes = [Float](repeating: 0, count: 2 * count)
    slopes.withUnsafeMutableBufferPointer { cotangents(UnsafeBufferPointer(outputs), $0) }
    let size = inputShape.count
    for row in 0..<count {
      for index in 0..<size { gradients[row * size + index] = slopes[2 * row + 1] }
    }
  }

  var spent: Passes {
    Passes(
      forward: forwards.load(ordering: .relaxed), backward: backwards.load(ordering: .relaxed))
  }
}

/// Problems about the middle of the unit cube, numbered from zero.
func problems(_ count: Int, size: Int = 6, radius: Double = 0.25) throws -> [Problem] {
  let ball = try Ball(.infinity, radius: radius)
  return try (0..<count).map {
    try Problem(index: $0, input: Tensor(repeating: 0.5, shape: [size]), label: 0, threat: ball)
  }
}

/// An attack given by a function.
struct Scripted: Attack {
  static let name = "scripted"
  static let knowledge = Knowledge.gradients
  var restarts = 1
  var budget = Passes.gradients(100)
  let body: @Sendable (Problem, Oracle) async throws -> Tensor<Float>

  init(
    restarts: Int = 1, budget: Passes = .gradients(100),
    _ body: @escaping @Sendable (Problem, Oracle) async throws -> Tensor<Float>
  ) {
    self.restarts = restarts
    self.budget = budget
    self.body = body
  }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    Candidate(try await body(problem, oracle))
  }
}
