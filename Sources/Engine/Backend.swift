package import Graphs

/// What computes the operators of a graph on one kind of machine: passes that make of a graph what its kernels like, and
/// the kernels, a row for each operator.
///
/// Operators know nothing of it, so that another back end is another value of this type. An operator without a row is
/// computed by its definition.
package struct Backend: Sendable {
  /// A graph with the same outputs in place of a graph.
  package struct Pass: Sendable {
    /// What the pass does.
    package let name: String
    private let run: @Sendable (Graph, ParameterStore) -> Graph

    init(_ name: String, _ run: @escaping @Sendable (Graph, ParameterStore) -> Graph) {
      self.name = name
      self.run = run
    }

    /// The graph after the pass.
    package func callAsFunction(_ graph: Graph, _ parameters: ParameterStore) -> Graph {
      run(graph, parameters)
    }
  }

  /// The passes in their order; each plan runs them for itself.
  package let passes: [Pass]
  private let kernels: [ObjectIdentifier: Kernel]

  init(passes: [Pass], kernels: [Kernel]) {
    self.passes = passes
    self.kernels = Dictionary(uniqueKeysWithValues: kernels.map { ($0.type, $0) })
  }

  /// The graph as the back end runs it: the same outputs by fewer and larger steps.
  func optimized(_ graph: Graph, for parameters: ParameterStore) -> Graph {
    passes.reduce(graph.pruned()) { $1($0, parameters) }.pruned()
  }

  /// What lowers an operator; `nil` where its definition does.
  func kernel(for op: any Operator) -> Kernel? { kernels[ObjectIdentifier(type(of: op))] }

  /// The names of the operators that have a kernel.
  package var operators: Set<String> { Set(kernels.values.map(\.name)) }
}

/// How a back end computes the operators of one type.
struct Kernel: Sendable {
  /// The type's name.
  let name: String
  fileprivate let type: ObjectIdentifier
  private let lowering:
    @Sendable (any Operator, Value, [Value], Planner) throws(EngineError) -> Void
  private let deferring: @Sendable (any Operator, Value, Planner) -> Bool

  /// Creates a row of a back end's table.
  ///
  /// - Parameters:
  ///   - lower: Adds the steps that compute a value from its operands.
  ///   - isDeferred: Whether a value is best computed where it is used, or along with another.
  init<Op: Operator>(
    _ lower: @escaping @Sendable (Op) -> (Value, [Value], Planner) throws(EngineError) -> Void,
    deferring isDeferred: (@Sendable (Op) -> (Value, Planner) -> Bool)? = nil
  ) {
    name = String(describing: Op.self)
    type = ObjectIdentifier(Op.self)
    lowering = { op, value, operands, planner throws(EngineError) in
      guard let op = op as? Op else { preconditionFailure("the table is by the operators' types") }
      try lower(op)(value, operands, planner)
    }
    deferring = { op, value, planner in
      guard let op = op as? Op, let isDeferred else { return false }
      return isDeferred(op)(value, planner)
    }
  }

  /// Adds the steps that compute a value from its operands.
  func lower(
    _ op: any Operator, _ value: Value, _ operands: [Value], on planner: Planner
  ) throws(EngineError) {
    try lowering(op, value, operands, planner)
  }

  /// Whether the value is best computed where it is used, or along with another.
  func isDeferred(_ op: any Operator, _ value: Value, on planner: Planner) -> Bool {
    deferring(op, value, planner)
  }
}
