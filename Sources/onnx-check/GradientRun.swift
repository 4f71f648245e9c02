import Engine
import Graphs
import Models
import Networks
import Tensors

/// The engine's input gradients against the definition in double precision.
///
/// Single precision puts a few of the operands of ReLUs and maxima on the other side of zero, where the gradient
/// jumps. So the gradient is also computed in double precision with the decisions that the engine made, from the
/// very values that decided; and how far these are from those of double precision is reported.
struct GradientRun {
  private let network: Network
  private let weights: [Float]
  private let parameters: [String: Tensor<Float>]
  private let decisions: DecisionGraph
  private let algorithms: Algorithms.Policy

  private static let cotangent = "cotangent"
  private static let gradient = Graph.gradientName(Network.inputName)

  /// Prepares the gradient of a model's weighted scores, by `fastest`, `exact` or `winograd` algorithms.
  init(_ model: ModelRun, algorithms kind: String) throws {
    network = model.network
    weights = model.weights()
    algorithms = try ModelRun.policy(kind)
    // As `CompiledNetwork` prepares it.
    let scores = try network.graph.selecting(outputs: [Network.outputName])
    let (graph, values) = scores.foldingNormalization(network.parameters)
    parameters = values
    decisions = DecisionGraph(
      try graph.poolingFirst().gradient(
        of: Network.outputName, cotangent: Self.cotangent,
        withRespectTo: [Network.inputName]
      ).selecting(outputs: [Self.gradient]))
  }

  /// Compares on some rows; writes the gradients in double precision by their own decisions and by the engine's.
  ///
  /// Prints one line: whether opening the decisions left the engine's bits alone, the number of decisions, how many
  /// differ, and the largest difference of a value that decides, relative to the largest of its layer.
  func run(on inputs: String, to ownPath: String, _ imposedPath: String) throws {
    let rows = try RawFloats.read(inputs)
    let size = network.input.shape.count
    let count = rows.count / size
    let engine = try engineValues(rows, count: count)
    var bound = [
      Network.inputName: Tensor(
        rows.map { Double($0) }, shape: network.input.shape.prepending(count)),
      Self.cotangent: cotangents(count).converted(to: Double.self),
    ]
    let parameters = parameters.mapValues { $0.converted(to: Double.self) }
    let own = try Interpreter(decisions.graph)(bound, parameters: parameters)
    let taken = engine.filter { $0.key != Self.gradient }
    bound.merge(taken) { $1 }
    let imposed = try Interpreter(decisions.imposed)(bound, parameters: parameters)
    let (total, differing) = decisions.differences(own, taken)
    var farthest = 0.0
    for name in decisions.names {
      guard let exact = own[name]?.scalars, let found = taken[name]?.scalars else { continue }
      let largest = exact.reduce(1e-30) { max($0, abs($1)) }
      farthest = max(farthest, zip(exact, found).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest)
    }
    let plain = try ModelRun(network).gradients(rows, algorithms: algorithms).gradients
    let isSame = zip(plain, engine[Self.gradient]?.scalars ?? []).allSatisfy { Double($0) == $1 }
    try RawFloats.write(
      own[Self.gradient]?.scalars.map { Float($0) } ?? [], to: ownPath)
    try RawFloats.write(
      imposed[Self.gradient]?.scalars.map { Float($0) } ?? [], to: imposedPath)
    print("same \(isSame ? 1 : 0) decisions \(total) differing \(differing) farthest \(farthest)")
  }

  private func cotangents(_ count: Int) -> Tensor<Float> {
    Tensor((0..<count).flatMap { _ in weights }, shape: [count, weights.count])
  }

  /// What the engine computes, the values that decide included.
  private func engineValues(_ rows: [Float], count: Int) throws -> [String: Tensor<Double>] {
    let (graph, parameters, algorithms) = (decisions.graph, parameters, algorithms)
    let cotangents = cotangents(count)
    return try EngineThread.shared.sync { () throws -> [String: Tensor<Double>] in
      let plan = try Plan(
        graph, batch: count, parameters: ParameterStore(parameters, isFrozen: true),
        lateInput: Self.cotangent, algorithms: Algorithms(algorithms))
      plan.input(Network.inputName)?.update(from: rows, count: rows.count)
      try plan.runUntilLateInput()
      plan.input(Self.cotangent)?.update(from: cotangents.scalars, count: cotangents.count)
      try plan.runFromLateInput()
      var values: [String: Tensor<Double>] = [:]
      for (name, value) in graph.outputs {
        guard let pointer = plan.output(name) else { continue }
        let shape = graph[value].extents.shape(batch: count)
        values[name] = Tensor((0..<shape.count).map { Double(pointer[$0]) }, shape: shape)
      }
      return values
    }
  }
}

/// Times steps of a network read from ONNX against one of our own of the same form, in turns.
struct TwinRun {
  let own: Network
  let foreign: Network
  let batch: Int

  /// Prepares both; without a file the foreign one is our own, written and read again.
  init(architecture: String, path: String?, batch: Int) throws {
    own = try Architecture.named(architecture).network(seed: 1)
    self.batch = batch
    if let path {
      foreign = try ONNXFile(path: path).network
    } else {
      foreign = try ONNXFile(bytes: try own.encodedForONNX(), name: architecture).network
    }
  }

  /// Prints the median milliseconds of a forward and backward pass of each.
  func run() throws {
    let (own, foreign, batch) = (own, foreign, batch)
    let medians = try EngineThread.shared.sync { () throws -> [Double] in
      let sides = try [own, foreign].map { try Side($0, batch: batch) }
      var times: [[Double]] = [[], []]
      for round in 0..<13 {
        for (index, side) in sides.enumerated() {
          let seconds = try side.step()
          if round >= 2 { times[index].append(seconds * 1000) }
        }
      }
      return times.map { $0.sorted()[$0.count / 2] }
    }
    print("own \(medians[0]) ms, from ONNX \(medians[1]) ms, ratio \(medians[1] / medians[0])")
  }

  private final class Side {
    let compiled: CompiledNetwork
    let rows: Tensor<Float>

    init(_ network: Network, batch: Int) throws {
      compiled = try CompiledNetwork(network)
      compiled.expect(rows: batch)
      var random = RandomKey(seed: 1).child("rows").generator
      rows = random.uniforms(network.input.shape.prepending(batch))
    }

    func step() throws -> Double {
      let clock = ContinuousClock()
      let start = clock.now
      _ = try compiled.differentiate(rows) { $0 }
      return (clock.now - start) / .seconds(1)
    }
  }
}
