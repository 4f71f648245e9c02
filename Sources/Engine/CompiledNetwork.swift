public import Graphs
public import Models
public import Tensors

/// A network made ready to run: plans for the batch sizes that occur, on one set of packed parameters.
///
/// All methods that run the network must be called on the engine thread (`EngineThread`).
public final class CompiledNetwork: BatchedModel, @unchecked Sendable {
  /// Shape of one example.
  public let inputShape: Shape
  /// Number of outputs.
  public let outputCount: Int
  /// The parameters of its plans, folded where frozen; live ones may be replaced between runs.
  public let parameters: ParameterStore
  /// A network offers its gradients, and its graph to whoever compiled it.
  public let knowledge = Knowledge.gradients
  /// The network by its operators' definitions; `nil` where parameters may be replaced.
  public let definition: (any ModelDefinition)?
  /// Which algorithms compute the convolutions, and which did so far.
  public let algorithms: Algorithms

  /// The machine, and the algorithms used so far.
  public var computation: Computation? {
    Computation(on: .current, algorithms: algorithms.used.mapValues(\.name))
  }

  // Touched on the engine thread only.
  private let names: (input: String, output: String)
  private let forward: Graph
  private let gradient: Graph
  private var expected: Set<Int> = []
  /// What follows small changes: not looked for yet, or not to be had.
  private var incremental: IncrementalPlan??
  private var plans: [Form: [Int: Plan]] = [:]

  private enum Form: CaseIterable { case forward, exact, gradient }

  private static let cotangentName = "cotangent"

  /// Prepares a network; plans are compiled when a batch size first occurs.
  ///
  /// - Parameters:
  ///   - graph: The graph, from a batch of inputs to a row of outputs for each.
  ///   - values: A tensor for each of the graph's parameters.
  ///   - input: The name of the graph's input.
  ///   - output: The name of the graph's output; others do not matter.
  ///   - inputShape: The shape of one example.
  ///   - bounds: The values that an input may have, for the measurement of rounding.
  ///   - isFrozen: Whether the parameters never change, which allows more to be computed beforehand.
  ///   - policy: How the algorithms of convolutions are chosen.
  ///   - use: Whether batches or single examples shall be fast.
  ///   - memory: What plans may allocate.
  /// - Throws: `GraphError` if the graph has no such output.
  public init(
    graph: Graph, parameters values: [String: Tensor<Float>], input: String, output: String,
    inputShape: Shape, bounds: ClosedRange<Float> = 0...1, isFrozen: Bool = true,
    algorithms policy: Algorithms.Policy = .fastest, for use: Algorithms.Use = .batches,
    memory: MemoryLimit = .system
  ) throws(GraphError) {
    algorithms = Algorithms(policy, for: use)
    names = (input, output)
    self.inputShape = inputShape
    outputCount = graph[try graph.output(output)].extents.countPerExample
    definition =
      isFrozen
      ? try NetworkDefinition(
        graph: graph, parameters: values, input: input, output: output, inputShape: inputShape,
        bounds: bounds) : nil
    var scores = try graph.selecting(outputs: [output])
    var values = values
    if isFrozen { (scores, values) = scores.foldingNormalization(values) }
    parameters = ParameterStore(values, isFrozen: isFrozen, memory: memory)
    forward = scores.poolingFirst()
    gradient = try forward.gradient(
      of: output, cotangent: CompiledNetwork.cotangentName, withRespectTo: [input])
  }

  /// The scores of some rows.
  ///
  /// - Parameters:
  ///   - rows: `count` examples one after the other.
  ///   - count: Number of examples, at least 1.
  ///   - outputs: Receives `count` rows of `outputCount` scores.
  /// - Throws: `EngineError`.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try evaluate(rows, count: count, outputs: outputs, by: forwardPlan(rows: count))
  }

  /// A place to remember a search that asks about one input after the other; `nil` if that is of no use.
  ///
  /// Only where outputs need not be exact, for sums are then brought up to date instead of taken anew.
  public func makeMemory() -> (any SearchMemory)? {
    if incremental == nil {
      incremental = .some(
        parameters.isFrozen && algorithms.uncertainty > 0
          ? IncrementalPlan(forward, output: names.output, parameters: parameters) : nil)
    }
    return (incremental ?? nil).map { IncrementalMemory($0) }
  }

  /// The scores of some rows, of which those that differ little from the inputs before are computed in part.
  ///
  /// - Parameters:
  ///   - rows: `count` examples one after the other.
  ///   - count: Number of examples, at least 1.
  ///   - memories: What is remembered of each row's search; no two are the same.
  ///   - outputs: Receives `count` rows of `outputCount` scores.
  /// - Throws: `EngineError`.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, memories: [(any SearchMemory)?],
    outputs: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    guard let incremental = incremental ?? nil else {
      return try evaluate(rows, count: count, outputs: outputs)
    }
    let rest = incremental.evaluate(
      rows, count: count, memories: memories.map { $0 as? IncrementalMemory }, outputs: outputs)
    if rest.count == count { return try evaluate(rows, count: count, outputs: outputs) }
    if rest.isEmpty { return }
    let plan = try forwardPlan(rows: rest.count)
    guard let input = plan.input(names.input) else { return }
    let size = inputShape.count
    for (place, row) in rest.enumerated() {
      copy(
        rows.baseAddress.map { $0 + row * size }, size,
        into: UnsafeMutableBufferPointer(start: input + place * size, count: size))
    }
    (input + rest.count * size).update(
      repeating: 0, count: (plan.batch - rest.count) * size)
    try plan.run()
    guard let found = plan.output(names.output) else { return }
    for (place, row) in rest.enumerated() {
      copy(
        found + place * outputCount, outputCount,
        into: UnsafeMutableBufferPointer(rebasing: outputs[(row * outputCount)...]))
    }
  }

  private func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    by plan: Plan
  ) throws(EngineError) {
    copy(rows, count, into: plan)
    try plan.run()
    copy(plan.output(names.output), count * outputCount, into: outputs)
  }

  /// The scores of some rows by exact algorithms alone; see `Algorithms.Policy.exact`.
  ///
  /// Parameters and errors are those of `evaluate`.
  public func evaluateExactly(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try evaluate(rows, count: count, outputs: outputs, by: exactPlan(rows: count))
  }

  /// How far the scores of `evaluate` and `differentiate` may be from exact ones, relative to the largest.
  public var uncertainty: Double { algorithms.uncertainty }

  /// The scores of some rows, and the gradient of a function of the scores with respect to the rows.
  ///
  /// - Parameters:
  ///   - rows: `count` examples one after the other.
  ///   - count: Number of examples, at least 1.
  ///   - outputs: Receives `count` rows of `outputCount` scores.
  ///   - gradients: Receives `count` rows of the examples' size.
  ///   - cotangents: Is given the scores and fills in the function's derivatives at them.
  /// - Throws: `EngineError`.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(EngineError) {
    let plan = try gradientPlan(rows: count)
    copy(rows, count, into: plan)
    try plan.runUntilLateInput()
    copy(plan.output(names.output), count * outputCount, into: outputs)
    if let cotangent = plan.input(CompiledNetwork.cotangentName) {
      cotangent.update(repeating: 0, count: plan.batch * outputCount)
      cotangents(
        UnsafeBufferPointer(rebasing: outputs[..<(count * outputCount)]),
        UnsafeMutableBufferPointer(start: cotangent, count: count * outputCount))
    }
    try plan.runFromLateInput()
    copy(
      plan.output(Graph.gradientName(names.input)), count * inputShape.count,
      into: gradients)
  }

  /// Announces a number of rows that will occur often, so that plans of just that size are made.
  public func expect(rows count: Int) { expected.insert(count) }

  private func forwardPlan(rows count: Int) throws(EngineError) -> Plan {
    try plan(.forward, rows: count) { size throws(EngineError) in
      try Plan(forward, batch: size, parameters: parameters, algorithms: algorithms)
    }
  }

  private func exactPlan(rows count: Int) throws(EngineError) -> Plan {
    if algorithms.uncertainty == 0 { return try forwardPlan(rows: count) }
    return try plan(.exact, rows: count) { size throws(EngineError) in
      try Plan(forward, batch: size, parameters: parameters, algorithms: Algorithms(.exact))
    }
  }

  private func gradientPlan(rows count: Int) throws(EngineError) -> Plan {
    try plan(.gradient, rows: count) { size throws(EngineError) in
      try Plan(
        gradient, batch: size, parameters: parameters, lateInput: CompiledNetwork.cotangentName,
        algorithms: algorithms)
    }
  }

  /// The plan for at least `count` rows, made if there is none.
  private func plan(
    _ form: Form, rows count: Int, make: (Int) throws(EngineError) -> Plan
  ) throws(EngineError) -> Plan {
    let size = expected.contains(count) ? count : CompiledNetwork.planSize(for: count)
    if let plan = plans[form]?[size] { return plan }
    do throws(EngineError) {
      let plan = try make(size)
      plans[form, default: [:]][size] = plan
      return plan
    } catch {
      // Who asks for less next will not ask for this much again; so let it have the room.
      if case .memory = error {
        for form in Form.allCases { plans[form] = plans[form]?.filter { $0.key < size } }
      }
      throw error
    }
  }

  /// The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: few sizes, and at most a third of the rows idle.
  static func planSize(for count: Int) -> Int {
    var size = 1
    while size < count {
      if size >= 2, size + size / 2 >= count { return size + size / 2 }
      size *= 2
    }
    return size
  }

  private func copy(_ rows: UnsafeBufferPointer<Float>, _ count: Int, into plan: Plan) {
    guard let input = plan.input(names.input), let source = rows.baseAddress else { return }
    let size = inputShape.count
    input.update(from: source, count: count * size)
    (input + count * size).update(repeating: 0, count: (plan.batch - count) * size)
  }

  private func copy(
    _ source: UnsafePointer<Float>?, _ count: Int, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let source, let target = target.baseAddress else { return }
    target.update(from: source, count: count)
  }
}
