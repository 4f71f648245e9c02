package import Graphs
import Tensors

/// What depends on given parameters and constants alone, computed once in double precision when asked for.
struct KnownValues {
  private let graph: Graph
  private let parameters: (String) -> Tensor<Float>?
  private let known: [Bool]
  private var values: [Int: Tensor<Double>] = [:]
  private var isTried: [Bool]

  /// Finds what is known if the parameters are those that a function returns.
  init(_ graph: Graph, parameters: @escaping (String) -> Tensor<Float>?) {
    self.graph = graph
    self.parameters = parameters
    var known = [Bool](repeating: false, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      known[index] =
        switch node {
        case .input: false
        case .parameter, .constant: true
        case .operation(_, let operands, let extents):
          !extents.isBatched && operands.allSatisfy { known[$0.index] }
        }
    }
    self.known = known
    isTried = [Bool](repeating: false, count: graph.nodes.count)
  }

  /// Whether a value depends on parameters and constants alone.
  func isKnown(_ value: Value) -> Bool { known[value.index] }

  /// The value; `nil` if it depends on more, or on a parameter that is missing or misshaped.
  subscript(value: Value) -> Tensor<Double>? {
    mutating get {
      guard known[value.index] else { return nil }
      // Without recursion, for a chain may be as long as the graph.
      var open = [value]
      while let next = open.last {
        let missing = isTried[next.index] ? [] : graph[next].operands.filter { !isTried[$0.index] }
        if missing.isEmpty {
          open.removeLast()
          if !isTried[next.index] {
            isTried[next.index] = true
            values[next.index] = compute(next)
          }
        } else {
          open += missing
        }
      }
      return values[value.index]
    }
  }

  /// The value of a node whose operands were tried.
  private func compute(_ value: Value) -> Tensor<Double>? {
    switch graph[value] {
    case .input: return nil
    case .parameter(let name, let shape):
      let tensor = parameters(name)
      return tensor?.shape == shape ? tensor?.converted() : nil
    case .constant(let tensor): return tensor.converted()
    case .operation(let op, let operands, let extents):
      let tensors = operands.compactMap { values[$0.index] }
      return tensors.count == operands.count
        ? op.value(of: tensors, shape: extents.shape(batch: 1)) : nil
    }
  }
}

extension Graph {
  /// Computes beforehand what depends on frozen parameters and constants alone, in double precision.
  package func foldingConstants(_ parameters: ParameterStore) -> Graph {
    // A misfit parameter is left for the planner to report.
    var known = KnownValues(self) { parameters.tensor($0) }
    var rewriter = GraphRewriter(self)
    for index in nodes.indices {
      let value = Value(index: index)
      if nodes[index].isOperation, let tensor = known[value] {
        rewriter.replace(value, by: .constant(tensor.converted()))
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }
}
