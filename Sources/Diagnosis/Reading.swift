import Graphs
package import Networks
import Tensors

/// How outputs are to be read: as the scores that they should be, or as probabilities made of such scores.
enum Reading: Hashable, Sendable {
  /// Scores: the softmax of them would be probabilities, and a single one decides at zero.
  case logits
  /// Probabilities of all classes, which sum to 1.
  case softmax
  /// A probability for each output by itself.
  case sigmoids

  /// The scores of which outputs were made, as far as single precision still tells.
  func logits(of outputs: Tensor<Float>) -> Tensor<Float> {
    switch self {
    case .logits: outputs
    case .softmax: outputs.map { Float.log(max($0, .leastNormalMagnitude)) }
    case .sigmoids:
      outputs.map { value in
        let share = min(max(value, .leastNormalMagnitude), 1 - Float.ulpOfOne)
        return Float.log(share) - Float.log(1 - share)
      }
    }
  }

  /// The share of examples whose largest outputs are equal, so that their order was lost.
  static func tiedShare(_ outputs: Tensor<Float>) -> Double {
    let (rows, classes) = (outputs.shape[0], outputs.shape[1])
    guard classes > 1, rows > 0 else { return 0 }
    let tied = (0..<rows).count { row in
      let scores = outputs.row(row).scalars
      let top = scores.max() ?? 0
      return scores.count { $0 == top } > 1
    }
    return Double(tied) / Double(rows)
  }
}

extension Network {
  /// Whether each output is a probability by itself, as what the graph computes last says.
  package var endsInSigmoids: Bool { Ending(graph) == .sigmoid }
}

/// What a graph computes last.
enum Ending: Hashable, Sendable {
  /// A function to 0...1 of each output.
  case sigmoid
  /// Shares of all outputs.
  case softmax
  /// Something affine or logarithmic, which is no probability.
  case plain
  /// Something else.
  case unknown

  init(_ graph: Graph) {
    guard var value = graph.outputs.first(where: { $0.name == Network.outputName })?.value else {
      self = .unknown
      return
    }
    while true {
      guard case .operation(let last, let operands, _) = graph[value], let first = operands.first
      else {
        self = .unknown
        return
      }
      switch last {
      case is Reshape, is Transpose, is Slice: value = first
      case let softmax as Softmax:
        self = softmax.isLogarithm ? .plain : .softmax
        return
      case let function as Elementwise:
        self = Ending.of(function.function, at: first, in: graph)
        return
      case is MatrixMultiply, is Convolution, is AveragePool, is BatchNormalization:
        self = .plain
        return
      case let arithmetic as Arithmetic where arithmetic.operation == .add:
        self = .plain
        return
      default:
        self = .unknown
        return
      }
    }
  }

  /// What a function is, of a value: sigmoids are also written by tangents and exponentials.
  private static func of(
    _ function: Elementwise.Function, at operand: Value, in graph: Graph
  ) -> Ending {
    func inner(_ value: Value) -> (function: Elementwise.Function, operand: Value)? {
      guard case .operation(let op, let operands, _) = graph[value], let first = operands.first,
        let elementwise = op as? Elementwise
      else { return nil }
      return (elementwise.function, first)
    }
    switch function {
    case .sigmoid, .hardSigmoid: return .sigmoid
    case .affine(let factor, let offset):
      return factor == 0.5 && offset == 0.5 && inner(operand)?.function == .tanh
        ? .sigmoid : .plain
    case .reciprocal:
      guard let sum = inner(operand), case .affine(_, let offset) = sum.function, offset == 1,
        let power = inner(sum.operand), power.function == .exp
      else { return .unknown }
      return .sigmoid
    case .log, .softplus, .leakyReLU, .elu: return .plain
    default: return .unknown
    }
  }
}
