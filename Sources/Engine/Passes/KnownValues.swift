import Graphs
import Tensors

/// What depends on given parameters and constants alone, computed once in double precision when asked for.
struct KnownValues {
  private let graph: Graph
  private let parameters: (String) -> Tensor<Float>?
  private let known: [Bool]
  private var values: [Int: Tensor<Double>] = [:]

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
  }

  /// Whether a value depends on parameters and constants alone.
  func isKnown(_ value: Value) -> Bool { known[value.index] }

  /// The value; `nil` if it depends on more, or on a parameter that is missing or misshaped.
  subscript(value: Value) -> Tensor<Double>? {
    mutating get {
      guard known[value.index] else { return nil }
      if let value = values[value.index] { return value }
      let result: Tensor<Double>?
      switch graph[value] {
      case .input: result = nil
      case .parameter(let name, let shape):
        let tensor = parameters(name)
        result = tensor?.shape == shape ? tensor?.converted() : nil
      case .constant(let tensor): result = tensor.converted()
      case .operation(let op, let operands, let extents):
        var tensors: [Tensor<Double>] = []
        for operand in operands { if let tensor = self[operand] { tensors.append(tensor) } }
        result =
          tensors.count == operands.count
          ? op.value(of: tensors, shape: extents.shape(batch: 1)) : nil
      }
      values[value.index] = result
      return result
    }
  }
}
