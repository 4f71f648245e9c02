import Engine
import Graphs
import Models
import Tensors

/// A graph that is run on the engine for batches of any size, with any inputs and outputs.
///
/// Convolutions are computed by exact algorithms, in single precision.
final class GraphRunner: @unchecked Sendable {
  private let graph: Graph
  private let parameters: ParameterStore
  private let inputs: [String: Int]
  private let outputs: [(name: String, extents: Extents)]
  // Touched on the engine thread only.
  private var plans: [Int: Plan] = [:]

  /// Prepares a graph whose inputs and outputs have the batch as their first axis.
  init(_ graph: Graph, parameters: [String: Tensor<Float>]) {
    self.graph = graph
    self.parameters = ParameterStore(parameters, isFrozen: true)
    inputs = Dictionary(
      graph.inputs.map { ($0.name, graph[$0.value].extents.countPerExample) },
      uniquingKeysWith: { $1 })
    outputs = graph.outputs.map { ($0.name, graph[$0.value].extents) }
  }

  /// The values of one run, valid until the next.
  struct Results {
    fileprivate let plan: Plan

    /// The values of an output, row after row.
    func callAsFunction(_ name: String) -> UnsafePointer<Float> {
      guard let pointer = plan.output(name) else { preconditionFailure("no output \(name)") }
      return pointer
    }
  }

  /// Runs rows and reads what comes of them on the engine thread.
  ///
  /// - Parameters:
  ///   - tensors: A tensor for each input, of `rows` rows; others do not matter.
  ///   - rows: The number of rows, at least 1.
  ///   - read: Reads the outputs, whose first `rows` rows count.
  /// - Returns: What was read.
  /// - Throws: `EngineError`, and what `read` throws.
  func run<Result: Sendable>(
    _ tensors: [String: Tensor<Float>], rows: Int,
    reading read: @escaping @Sendable (Results) throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    return try await EngineThread.shared.run {
      let plan = try self.plan(rows: rows)
      for (name, size) in self.inputs {
        guard let input = plan.input(name) else { continue }
        guard let tensor = tensors[name], tensor.count == rows * size else {
          preconditionFailure("the graph takes \(rows) rows of \(name)")
        }
        input.update(from: tensor.scalars, count: tensor.count)
        (input + tensor.count).update(repeating: 0, count: (plan.batch - rows) * size)
      }
      try plan.run()
      return try read(Results(plan: plan))
    }
  }

  /// Runs rows.
  ///
  /// - Returns: All outputs by name.
  /// - Throws: `EngineError`.
  func run(_ tensors: [String: Tensor<Float>], rows: Int) async throws -> [String: Tensor<Float>] {
    let outputs = outputs
    return try await run(tensors, rows: rows) { results in
      var found: [String: Tensor<Float>] = [:]
      for (name, extents) in outputs {
        let shape = extents.shape(batch: rows)
        let values = UnsafeBufferPointer(start: results(name), count: shape.count)
        found[name] = Tensor(Array(values), shape: shape)
      }
      return found
    }
  }

  /// The plan for at least so many rows: of 1, 2, 4, 8 and so on.
  private func plan(rows: Int) throws(EngineError) -> Plan {
    var size = 1
    while size < rows { size *= 2 }
    if let plan = plans[size] { return plan }
    let plan = try Plan(graph, batch: size, parameters: parameters)
    plans[size] = plan
    return plan
  }
}
