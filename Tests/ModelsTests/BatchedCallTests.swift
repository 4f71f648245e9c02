import Models
import Synchronization
import Tensors
import Testing

/// Calls on tensors are those on memory, in batches.
@Suite struct BatchedCallTests {
  private static let model: AffineModel = {
    var randomness = Philox(key: 11)
    return AffineModel(
      inputShape: [2, 3], weights: randomness.normals([4, 6]), biases: randomness.normals([4]))
  }()

  private func inputs(_ count: Int) -> Tensor<Float> {
    var randomness = Philox(key: 12)
    return randomness.uniforms([count, 2, 3])
  }

  @Test(arguments: [0, 1, 2, 23], [1, 3, 7, 23, 128])
  func `outputs equal those of each example alone`(count: Int, batch: Int) async throws {
    let inputs = inputs(count)
    let alone = try (0..<count).flatMap { try Self.model.evaluate(inputs.row($0)).scalars }
    for isExact in [false, true] {
      let model = Doubled(base: Self.model, fails: .max)
      let outputs = try await model.outputs(of: inputs, batch: batch, isExact: isExact)
      #expect(outputs == Tensor(alone.map { isExact ? 2 * $0 : $0 }, shape: [count, 4]))
      #expect(model.sizes.allSatisfy { $0 <= batch } && model.sizes.reduce(0, +) == count)
      #expect(try model.evaluate(inputs, batch: batch, isExact: isExact) == outputs)
    }
    if count > 0 {
      #expect(try await Self.model.outputs(of: inputs.row(0)).scalars == Array(alone.prefix(4)))
    }
    let read = try await Self.model.outputs(count: count, batch: batch) { inputs.rows($0) }
    #expect(read.scalars == alone)
  }

  @Test(arguments: [1, 4, 9, 128])
  func `gradients are the slopes of their function`(batch: Int) async throws {
    let inputs = inputs(9)
    var randomness = Philox(key: 13)
    let factors = randomness.normals([9, 4])
    // Half the weighted sum of squares, whose derivative is the weighted outputs.
    func value(_ x: Tensor<Float>, _ row: Int) throws -> Double {
      let outputs = try Self.model.evaluate(x)
      return zip(outputs.scalars, factors.row(row).scalars).reduce(0) {
        $0 + Double($1.0) * Double($1.0) * Double($1.1) / 2
      }
    }
    let (outputs, gradients) = try await Self.model.gradients(at: inputs, batch: batch) {
      rows, outputs in outputs * factors.rows(rows)
    }
    #expect(try outputs == Self.model.evaluate(inputs) && gradients.shape == inputs.shape)
    for row in 0..<9 {
      let x = inputs.row(row)
      for index in 0..<x.count {
        var (up, down) = (x, x)
        up[index] += 0.01
        down[index] -= 0.01
        let slope = (try value(up, row) - value(down, row)) / Double(up[index] - down[index])
        #expect(abs(slope - Double(gradients.row(row)[index])) < 1e-3 * (1 + abs(slope)))
      }
    }
  }

  @Test func `an error in a batch ends with that error`() async throws {
    let model = Doubled(base: Self.model, fails: 2)
    await #expect(throws: Doubled.Down.self) {
      try await model.outputs(of: inputs(10), batch: 3)
    }
    #expect(model.sizes == [3, 3])
    await #expect(throws: Doubled.Down.self) {
      try await model.gradients(at: inputs(10), batch: 3) { $1 }
    }
    #expect(model.sizes == [3, 3, 3])
    struct Unreadable: Error {}
    let reader = Doubled(base: Self.model, fails: .max)
    await #expect(throws: Unreadable.self) {
      try await reader.outputs(count: 10, batch: 4) { rows in
        if rows.contains(5) { throw Unreadable() }
        return inputs(10).rows(rows)
      }
    }
    #expect(reader.sizes == [4])
  }

  @Test func `a task that was cancelled asks nothing more`() async throws {
    let model = Doubled(base: Self.model, fails: .max)
    let inputs = inputs(4)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await model.outputs(of: inputs)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(model.sizes.isEmpty)
  }
}

/// A model that notes the sizes of its batches, fails from one call on, and doubles the outputs of its exact pass.
private final class Doubled: BatchedModel {
  struct Down: Error {}

  let base: AffineModel
  private let fails: Int
  private let notes = Mutex<[Int]>([])

  init(base: AffineModel, fails: Int) {
    self.base = base
    self.fails = fails
  }

  var sizes: [Int] { notes.withLock { $0 } }
  var inputShape: Shape { base.inputShape }
  var outputCount: Int { base.outputCount }
  var knowledge: Knowledge { .gradients }

  private func note(_ count: Int) throws {
    let calls = notes.withLock { notes in
      notes.append(count)
      return notes.count
    }
    if calls >= fails { throw Down() }
  }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try note(count)
    try base.evaluate(rows, count: count, outputs: outputs)
  }

  func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try evaluate(rows, count: count, outputs: outputs)
    for index in outputs.indices { outputs[index] *= 2 }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try note(count)
    try base.differentiate(
      rows, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
  }
}
