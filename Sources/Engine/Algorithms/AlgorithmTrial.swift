import Graphs
import Tensors

/// A layer computed by each of its algorithms on the same random values: which one is fastest, and accurate.
struct AlgorithmTrial {
  /// The largest difference from the direct algorithm, relative to the largest value, that is accepted.
  ///
  /// Ten times what Winograd's transforms of single precision are expected to lose on up to 512 channels.
  static let tolerance: Float = 1e-4

  /// Runs of each algorithm; the fastest one counts.
  private static let repetitions = 5

  /// More than any cache holds.
  private static let beyondCaches = 64 << 20

  private let signature: ConvolutionSignature
  private let use: Algorithms.Use

  init(_ signature: ConvolutionSignature, _ use: Algorithms.Use = .batches) {
    self.signature = signature
    self.use = use
  }

  /// The algorithm that took the least time of those that are accurate.
  func fastest() throws(EngineError) -> ConvolutionAlgorithm {
    let (graph, parameters) = layer()
    var contestants: [(algorithm: ConvolutionAlgorithm, plan: Plan)] = []
    var expected: [Float] = []
    for algorithm in signature.candidates {
      let plan = try Plan(
        graph, batch: rows, parameters: parameters,
        algorithms: Algorithms(.recorded([signature.description: algorithm])))
      fill(plan)
      try plan.run()
      let result = output(of: plan)
      if contestants.isEmpty { expected = result }
      if Self.difference(result, expected) <= Self.tolerance {
        contestants.append((algorithm, plan))
      }
    }
    let eviction = use == .singleExamples ? AlignedBlock(byteCount: Self.beyondCaches) : nil
    var seconds = [Double](repeating: .infinity, count: contestants.count)
    for _ in 0..<Self.repetitions {
      for (index, contestant) in contestants.enumerated() {
        // In a network the weights of the other layers come between two uses of this one's.
        eviction?.pointer.initializeMemory(as: UInt8.self, repeating: 1, count: Self.beyondCaches)
        // Reorders from and to row-major layout are the trial's, not the layer's.
        let spent = try contestant.plan.profiled().filter { !$0.step.hasPrefix("reorder") }
          .reduce(0) { $0 + $1.seconds }
        seconds[index] = min(seconds[index], spent)
      }
    }
    let best = seconds.indices.min { seconds[$0] < seconds[$1] }
    return best.map { contestants[$0].algorithm } ?? .direct
  }

  /// As many examples as an attack has at once, unless they take long.
  private var rows: Int {
    use == .singleExamples ? 1 : min(max(2_500_000_000 / max(signature.products, 1), 4), 64)
  }

  private func layer() -> (Graph, ParameterStore) {
    let convolution = signature.convolution
    let kernel = convolution.window.kernel
    let shape: Shape = [
      signature.y[0], signature.x[0] / convolution.groups, kernel.height, kernel.width,
    ]
    var graph = GraphBuilder()
    do {
      let (xExtents, yExtents) = (
        Extents(batchOf: Shape(signature.x)), Extents(batchOf: Shape(signature.y))
      )
      switch signature.pass {
      case .forward:
        let x = graph.input("input", xExtents)
        let weight = graph.parameter("weight", shape)
        graph.output("output", try graph.apply(convolution, x, weight))
      case .inputGradient:
        let weight = graph.parameter("weight", shape)
        let gradient = ConvolutionInputGradient(
          convolution, inputSize: .init(signature.x[1], signature.x[2]))
        let dy = graph.input("input", yExtents)
        graph.output("output", try graph.apply(gradient, dy, weight))
      case .weightGradient:
        let (x, dy) = (graph.input("input", xExtents), graph.input("cotangent", yExtents))
        graph.output("output", try graph.apply(ConvolutionWeightGradient(convolution), x, dy))
      }
    } catch {
      preconditionFailure("a layer that was compiled before: \(error)")
    }
    var generator = RandomKey(seed: 1).child("trial").generator
    let bound = (3 / Float(shape.droppingFirst.count)).squareRoot()
    let weight = generator.uniforms(shape).map { (2 * $0 - 1) * bound }
    return (graph.finish(), ParameterStore(["weight": weight], isFrozen: true))
  }

  private var sizes: (inputs: [(name: String, count: Int)], output: Int) {
    let (x, y) = (signature.x.reduce(rows, *), signature.y.reduce(rows, *))
    switch signature.pass {
    case .forward: return ([("input", x)], y)
    case .inputGradient: return ([("input", y)], x)
    case .weightGradient:
      let kernel = signature.convolution.window.kernel
      let perResult = signature.x[0] / signature.convolution.groups
      return (
        [("input", x), ("cotangent", y)], signature.y[0] * perResult * kernel.height * kernel.width
      )
    }
  }

  private func fill(_ plan: Plan) {
    var generator = RandomKey(seed: 2).child("trial").generator
    // So long, and of a length that divides no image's, that repeating it matters to no algorithm.
    let pattern = generator.uniforms([8191])
    for (name, count) in sizes.inputs {
      guard let input = plan.input(name) else { continue }
      for index in 0..<count { input[index] = 2 * pattern[(index + count) % pattern.count] - 1 }
    }
  }

  private func output(of plan: Plan) -> [Float] {
    Array(UnsafeBufferPointer(start: plan.output("output"), count: sizes.output))
  }

  private static func difference(_ values: [Float], _ expected: [Float]) -> Float {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let difference = zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return difference / largest
  }
}
