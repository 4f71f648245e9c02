import Synchronization
public import Tensors

/// A model behind a preprocessing: a defence as it is deployed, and the ways to attack it in earnest.
///
/// - With one draw and the exact backward pass it is the defended model.
/// - With several draws it is the expectation over transformation (EOT; Athalye, Engstrom, Ilyas and Kwok, 2018,
///   https://arxiv.org/abs/1707.07397): the outputs are means over the draws, and the gradient is the mean of the
///   draws' gradients, each of the objective at its own outputs.
/// - With the straight backward pass it is the backward pass differentiable approximation (BPDA; Athalye, Carlini
///   and Wagner, 2018, https://arxiv.org/abs/1802.00420): the gradient at what the network sees is taken for that
///   at the input.
///
/// Cost: as many passes of the network as there are draws; the runner counts one.
public struct PreprocessedModel: BatchedModel {
  /// How the gradient passes the preprocessing.
  public enum Backward: Sendable, Hashable {
    /// By its derivative.
    case exact
    /// As if it were not there.
    case straight
  }

  /// Where random choices come from.
  public enum Draws: Sendable {
    /// From the input's values and a seed: the same input has the same draws wherever and whenever it is asked about.
    case keyed(seed: UInt64)
    /// From a count of all draws: the same input is answered differently each time, as by a deployed defence. Results
    /// then depend on the order of the batches.
    case fresh(DrawCounter)
  }

  /// The network behind.
  public let base: any BatchedModel
  /// What is done to inputs.
  public let preprocessing: any Preprocessing
  /// The number of draws.
  public let drawCount: Int
  /// How the gradient passes the preprocessing.
  public let backward: Backward
  /// Where random choices come from.
  public let draws: Draws

  /// Creates a model.
  ///
  /// - Precondition: At least one draw.
  public init(
    _ base: any BatchedModel, behind preprocessing: any Preprocessing, drawCount: Int = 1,
    backward: Backward = .exact, draws: Draws = .keyed(seed: 0)
  ) {
    precondition(drawCount > 0, "no draws")
    self.base = base
    self.preprocessing = preprocessing
    self.drawCount = drawCount
    self.backward = backward
    self.draws = draws
  }

  /// The shape of one example.
  public var inputShape: Shape { base.inputShape }
  /// The number of outputs of one example.
  public var outputCount: Int { base.outputCount }
  /// What the network reveals, but not its graph, which is not all that there is.
  public var knowledge: Knowledge { min(base.knowledge, .gradients) }
  /// The network's.
  public var uncertainty: Double { base.uncertainty }

  /// Computes the mean outputs over the draws.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try average(rows, count, outputs) { try base.evaluate($0, count: count, outputs: $1) }
  }

  /// Computes the mean outputs over the draws by the network's exact pass.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    try average(rows, count, outputs) { try base.evaluateExactly($0, count: count, outputs: $1) }
  }

  /// Computes the mean outputs and the mean gradients over the draws.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    let size = inputShape.count
    let generators = generators(rows, count)
    var seen = [Float](repeating: 0, count: rows.count)
    var slopes = [Float](repeating: 0, count: gradients.count)
    var partial = [Float](repeating: 0, count: outputs.count)
    gradients.update(repeating: 0)
    outputs.update(repeating: 0)
    for draw in 0..<drawCount {
      prepare(rows, generators, draw, into: &seen)
      try seen.withUnsafeBufferPointer { seen in
        try slopes.withUnsafeMutableBufferPointer { slopes in
          try partial.withUnsafeMutableBufferPointer { partial in
            try base.differentiate(
              seen, count: count, outputs: partial, gradients: slopes, cotangents: cotangents)
          }
        }
      }
      add(partial, to: outputs)
      if backward == .straight {
        add(slopes, to: gradients)
      } else {
        for row in 0..<count {
          var randomness = generators[row][draw]
          let part = row * size..<(row + 1) * size
          let pulled = preprocessing.pullback(
            Tensor(Array(slopes[part]), shape: inputShape),
            at: Tensor(Array(rows[part]), shape: inputShape), using: &randomness)
          add(pulled.scalars, to: UnsafeMutableBufferPointer(rebasing: gradients[part]))
        }
      }
    }
    // The loss that is booked is the last one: that of the mean outputs, where there are several.
    guard drawCount > 1 else { return }
    partial.withUnsafeMutableBufferPointer { cotangents(UnsafeBufferPointer(outputs), $0) }
  }

  private func average(
    _ rows: UnsafeBufferPointer<Float>, _ count: Int,
    _ outputs: UnsafeMutableBufferPointer<Float>,
    _ evaluate: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    let generators = generators(rows, count)
    var seen = [Float](repeating: 0, count: rows.count)
    var partial = [Float](repeating: 0, count: outputs.count)
    outputs.update(repeating: 0)
    for draw in 0..<drawCount {
      prepare(rows, generators, draw, into: &seen)
      try seen.withUnsafeBufferPointer { seen in
        try partial.withUnsafeMutableBufferPointer { try evaluate(seen, $0) }
      }
      add(partial, to: outputs)
    }
  }

  private func add(_ values: [Float], to sums: UnsafeMutableBufferPointer<Float>) {
    let share = 1 / Float(drawCount)
    for index in 0..<sums.count {
      sums[index] += drawCount == 1 ? values[index] : share * values[index]
    }
  }

  private func prepare(
    _ rows: UnsafeBufferPointer<Float>, _ generators: [[Philox]], _ draw: Int,
    into seen: inout [Float]
  ) {
    let size = inputShape.count
    for row in generators.indices {
      var randomness = generators[row][draw]
      let x = Tensor(Array(rows[row * size..<(row + 1) * size]), shape: inputShape)
      let prepared = preprocessing.apply(x, using: &randomness)
      seen.replaceSubrange(row * size..<(row + 1) * size, with: prepared.scalars)
    }
  }

  /// A generator for each row and draw.
  private func generators(_ rows: UnsafeBufferPointer<Float>, _ count: Int) -> [[Philox]] {
    let size = inputShape.count
    switch draws {
    case .keyed(let seed):
      return (0..<count).map { row in
        var hash = 0xCBF2_9CE4_8422_2325 as UInt64
        for value in rows[row * size..<(row + 1) * size] {
          hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3
        }
        let key = RandomKey(seed: seed).child(Int(truncatingIfNeeded: hash))
        return (0..<drawCount).map { key.child($0).generator }
      }
    case .fresh(let counter):
      return (0..<count).map { _ in (0..<drawCount).map { _ in counter.next() } }
    }
  }
}

/// A count of random draws, shared by all who draw.
public final class DrawCounter: Sendable {
  private let key: RandomKey
  private let count = Atomic<Int>(0)

  /// Begins to count.
  public init(seed: UInt64 = 0) { key = RandomKey(seed: seed) }

  /// A generator that nobody had before.
  func next() -> Philox {
    key.child(count.wrappingAdd(1, ordering: .relaxed).oldValue).generator
  }
}

/// What a defence does to an input before the network sees it; the shape stays.
public protocol Preprocessing: Sendable {
  /// The input that the network sees.
  ///
  /// - Parameters:
  ///   - x: The input.
  ///   - randomness: Where random choices come from; a rule without them leaves it alone.
  /// - Returns: An input of the same shape.
  func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float>

  /// The gradient with respect to the input, from the gradient with respect to what the network sees.
  ///
  /// - Parameters:
  ///   - gradient: The gradient with respect to `apply(x, using:)`.
  ///   - x: The input.
  ///   - randomness: In the state in which `apply` got it, so that the same choices are made.
  /// - Returns: The derivative as it is, which may be zero everywhere.
  func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float>
}

/// Rounding of every value to one of few levels: a defence whose derivative is zero everywhere.
///
/// Such masked gradients fail the attacker, not the attack: Athalye, Carlini and Wagner, 2018,
/// https://arxiv.org/abs/1802.00420. `PreprocessedModel` with a straight backward pass sees through it.
public struct InputQuantization: Preprocessing, Hashable {
  /// The number of levels, evenly spread from the lower to the upper end.
  public let levels: Int
  /// The ends; values beyond are clamped.
  public let range: ClosedRange<Float>

  /// Creates the rule.
  ///
  /// - Precondition: At least two levels, and the range is not empty.
  public init(levels: Int, range: ClosedRange<Float> = 0...1) {
    precondition(levels > 1 && range.lowerBound < range.upperBound, "no levels to round to")
    self.levels = levels
    self.range = range
  }

  /// The nearest levels.
  public func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> {
    let width = range.upperBound - range.lowerBound
    let steps = Float(levels - 1)
    return x.map { value in
      let share = min(max((value - range.lowerBound) / width, 0), 1)
      return range.lowerBound + width * (share * steps).rounded() / steps
    }
  }

  /// Zero.
  public func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float> { .zeros(x.shape) }
}
