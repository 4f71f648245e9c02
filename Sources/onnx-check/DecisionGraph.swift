import Graphs
import Tensors

/// A gradient's graph with its decisions laid open: on which side of zero a ReLU's operand is, who wins a maximum.
///
/// Between decisions such a gradient is smooth, and where one changes it jumps. So a gradient in another precision can
/// be compared within a small bound only if the decisions are the same.
struct DecisionGraph {
  /// The gradient's graph; the values that decide are outputs too.
  let graph: Graph
  /// The same gradient with those values as inputs, named as the outputs of `graph`.
  let imposed: Graph
  /// Each decision by itself: outputs are named alike, and inputs are the values that decide.
  let verdicts: [(operands: [String], op: any Operator)]
  /// The names of the values that decide.
  let names: [String]

  /// Takes a gradient's graph apart.
  init(_ gradient: Graph) {
    var names: [Int: String] = [:]
    var verdicts: [(operands: [String], op: any Operator)] = []
    for node in gradient.nodes {
      guard case .operation(let op, let operands, _) = node else { continue }
      let deciding = Self.decidingOperands(of: op).map { operands[$0].index }
      if deciding.isEmpty { continue }
      for index in deciding { names[index] = "decides \(index)" }
      verdicts.append((deciding.map { "decides \($0)" }, op))
    }
    let deciding = names.sorted { $0.key < $1.key }
    self.names = deciding.map(\.value)
    self.verdicts = verdicts
    graph = Graph(
      nodes: gradient.nodes,
      outputs: gradient.outputs + deciding.map { ($0.value, Value(index: $0.key)) })

    var rewriter = GraphRewriter(gradient)
    var inputs: [Int: Value] = [:]
    for (index, node) in gradient.nodes.enumerated() {
      let value = Value(index: index)
      guard case .operation(let op, let operands, let extents) = node else {
        rewriter.copy(value)
        continue
      }
      var images = operands.map { rewriter.image(of: $0) }
      for position in Self.decidingOperands(of: op) {
        let operand = operands[position]
        if inputs[operand.index] == nil {
          // The image is set back, for other operators take the value as it is computed.
          let computed = rewriter.image(of: operand)
          rewriter.replace(
            operand,
            by: .input(name: "decides \(operand.index)", extents: gradient[operand].extents))
          inputs[operand.index] = rewriter.image(of: operand)
          rewriter.alias(operand, to: computed)
        }
        images[position] = inputs[operand.index] ?? images[position]
      }
      rewriter.replace(value, by: op, images, extents: extents)
    }
    imposed = rewriter.finish().pruned()
  }

  /// The operands in which an operator is constant almost everywhere.
  private static func decidingOperands(of op: any Operator) -> [Int] {
    switch op {
    case let op as Elementwise:
      switch op.function {
      case .step, .sign, .inside: [0]
      default: []
      }
    case is Comparison: [0, 1]
    case is MaxPoolScatter, is MaxPoolGather: [1]
    default: []
    }
  }

  /// How many decisions there are, and how many differ between two sets of the values that decide.
  func differences(
    _ left: [String: Tensor<Double>], _ right: [String: Tensor<Double>]
  ) -> (count: Int, differing: Int) {
    var (count, differing) = (0, 0)
    for (operands, op) in verdicts {
      let pairs = [left, right].map { values in
        Self.verdict(of: op, operands.compactMap { values[$0] })
      }
      count += pairs[0].count
      differing += zip(pairs[0], pairs[1]).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }
    return (count, differing)
  }

  private static func verdict(of op: any Operator, _ operands: [Tensor<Double>]) -> [Double] {
    let pooling = (op as? MaxPoolScatter)?.pooling ?? (op as? MaxPoolGather)?.pooling
    guard let pooling else {
      return op.value(of: operands, shape: operands[0].shape).scalars
    }
    // The winners' positions: what the window gathers from positions.
    let x = operands[0]
    let positions = Tensor((0..<x.count).map { Double($0) }, shape: x.shape)
    guard let extents = try? pooling.extents(of: [Extents(batchOf: x.shape.droppingFirst)]) else {
      return []
    }
    return MaxPoolGather(pooling).value(
      of: [positions, x], shape: extents.shape(batch: x.shape[0])
    ).scalars
  }
}
