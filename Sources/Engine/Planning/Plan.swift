import COneDNN
public import Graphs

/// A graph compiled for one batch size: primitives bound to memory, run by a loop.
///
/// A plan is created and run on the engine thread.
public final class Plan: @unchecked Sendable {
  /// Number of rows of every batched value.
  public let batch: Int
  /// Size of the memory for intermediate values, in bytes.
  public var arenaByteCount: Int { arena.byteCount }

  private enum BoundStep {
    case primitive(Primitive, [dnnl_exec_arg_t])
    case host(String, [UnsafeMutableRawPointer], ([UnsafeMutableRawPointer]) -> Void)

    var name: String {
      switch self {
      case .primitive(let primitive, _): primitive.name
      case .host(let name, _, _): name
      }
    }

    func run() throws(EngineError) {
      switch self {
      case .primitive(let primitive, let arguments): try primitive.execute(arguments)
      case .host(_, let pointers, let body): body(pointers)
      }
    }
  }

  private let steps: [BoundStep]
  private let boundary: Int
  private let arena: AlignedBlock
  private let constants: [AlignedBlock]
  private let memories: [Memory]
  private let store: ParameterStore
  private let inputPointers: [String: UnsafeMutablePointer<Float>]
  private let outputPointers: [String: UnsafeMutablePointer<Float>]
  private let totals: [String: AlignedBlock]

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - batch: Number of rows, at least 1.
  ///   - parameters: The values of its parameters, shared with other plans.
  ///   - lateInput: An input that is bound only when the outputs before it are known, such as a
  ///     cotangent; `run` is then `runUntilLateInput` and `runFromLateInput`.
  ///   - algorithms: Which algorithms compute its convolutions.
  /// - Throws: `EngineError`.
  public init(
    _ graph: Graph, batch: Int, parameters: ParameterStore, lateInput: String? = nil,
    algorithms: Algorithms = Algorithms(.exact)
  ) throws(EngineError) {
    precondition(batch >= 1, "a plan needs at least one row")
    let planner = Planner(
      graph, batch: batch, store: parameters, algorithms: algorithms, backend: .oneDNN)
    // Lowering takes longer the more there is, and beyond some sizes oneDNN has no kernels.
    let memory = parameters.memory
    try memory.require(planner.largestByteCount, for: "a pass of \(batch) examples")
    try planner.lowerAll(lateInput: lateInput)
    var outputs: [String: Placement] = [:]
    for (name, value) in planner.graph.outputs { outputs[name] = try planner.placePlain(value) }

    let stepCount = planner.steps.count
    let boundary = lateInput.flatMap { planner.inputs[$0]?.step } ?? stepCount
    let placed = Plan.assignMemory(planner, outputs: outputs, lateInput: lateInput)
    try memory.require(placed.byteCount, for: "a pass of \(batch) examples")
    let arena = AlignedBlock(byteCount: placed.byteCount)
    func address(_ placement: Placement) -> UnsafeMutableRawPointer {
      switch placement.storage {
      case .arena(let buffer): arena.pointer + placed.offsets[buffer]
      case .fixed(let pointer): pointer
      }
    }

    var memories: [Memory] = []
    var steps: [BoundStep] = []
    for step in planner.steps {
      switch step.action {
      case .primitive(let primitive, let arguments):
        var bound: [dnnl_exec_arg_t] = []
        for (argument, placement) in arguments {
          let memory = try Memory(placement.layout, at: address(placement))
          memories.append(memory)
          bound.append(dnnl_exec_arg_t(arg: argument, memory: memory.raw))
        }
        steps.append(.primitive(primitive, bound))
      case .host(let name, let placements, let body):
        steps.append(.host(name, placements.map(address), body))
      }
    }
    self.batch = batch
    self.steps = steps
    self.boundary = boundary
    self.arena = arena
    self.memories = memories
    constants = planner.constants
    store = parameters
    inputPointers = planner.inputs.mapValues {
      address($0.placement).assumingMemoryBound(to: Float.self)
    }
    outputPointers = outputs.mapValues { address($0).assumingMemoryBound(to: Float.self) }
    totals = Dictionary(
      planner.graph.outputs.compactMap { name, value in
        planner.total(of: value).map { (name, $0) }
      }, uniquingKeysWith: { $1 })
    try parameters.refresh()
  }

  /// Where an input's rows are to be written before a run, row-major; `nil` if the graph does not use it.
  public func input(_ name: String) -> UnsafeMutablePointer<Float>? { inputPointers[name] }

  /// Where an output's values are after a run, row-major; `nil` if there is no such output.
  public func output(_ name: String) -> UnsafePointer<Float>? {
    outputPointers[name].map { UnsafePointer($0) }
  }

  /// The sum over the examples of which a scalar output is the mean, as it was added in double precision; `nil` where the
  /// output's kernel adds none.
  public func total(_ name: String) -> Double? {
    totals[name].map { $0.pointer.load(as: Double.self) }
  }

  /// Runs all steps.
  ///
  /// - Throws: `EngineError`.
  public func run() throws(EngineError) {
    try runUntilLateInput()
    try runFromLateInput()
  }

  /// Runs the steps before the late input is needed.
  ///
  /// - Throws: `EngineError`.
  public func runUntilLateInput() throws(EngineError) {
    try store.refresh()
    try run(steps[..<boundary])
  }

  /// Runs the rest.
  ///
  /// - Throws: `EngineError`.
  public func runFromLateInput() throws(EngineError) { try run(steps[boundary...]) }

  private func run(_ steps: ArraySlice<BoundStep>) throws(EngineError) {
    for step in steps { try step.run() }
  }

  /// The names of the steps: of oneDNN's, those of the implementations.
  package var stepNames: [String] { steps.map(\.name) }

  /// Runs all steps with a clock.
  ///
  /// - Returns: Each step's name, which for oneDNN's is that of the implementation, and its time.
  /// - Throws: `EngineError`.
  public func profiled() throws(EngineError) -> [(step: String, seconds: Double)] {
    try store.refresh()
    var profile: [(step: String, seconds: Double)] = []
    for step in steps {
      let start = ContinuousClock.now
      try step.run()
      profile.append((step.name, (ContinuousClock.now - start) / .seconds(1)))
    }
    return profile
  }

  private static func assignMemory(
    _ planner: Planner, outputs: [String: Placement], lateInput: String?
  ) -> Arena {
    let end = planner.steps.count
    var lives = planner.buffers.map { Arena.Buffer(byteCount: $0, first: end, last: -1) }
    for (index, step) in planner.steps.enumerated() {
      for buffer in step.buffers {
        lives[buffer].first = min(lives[buffer].first, index)
        lives[buffer].last = max(lives[buffer].last, index)
      }
    }
    // Inputs are written, and outputs read, between the steps.
    for (name, input) in planner.inputs {
      guard case .arena(let buffer) = input.placement.storage else { continue }
      lives[buffer].first = name == lateInput ? input.step : 0
      lives[buffer].last = max(lives[buffer].last, input.step)
    }
    for output in outputs.values {
      guard case .arena(let buffer) = output.storage else { continue }
      lives[buffer].last = end
    }
    return Arena(lives)
  }
}
