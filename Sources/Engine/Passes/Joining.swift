import Graphs

/// One operator in place of several.
struct Fusion {
  let op: any Operator
  let operands: [Value]
  /// The nodes that disappear.
  let inner: [Int]
}

/// Nodes one before the other, each used by the next alone.
struct Chain {
  private let graph: Graph
  private let uses: [Int]
  private(set) var current: Int
  private(set) var inner: [Int] = []

  init(_ graph: Graph, end: Int, uses: [Int]) {
    self.graph = graph
    self.uses = uses
    current = end
  }

  /// Goes back to an operand of the present node, unless something else uses it too.
  mutating func enter(_ value: Value) -> Bool {
    guard uses[value.index] == 1 else { return false }
    current = value.index
    inner.append(value.index)
    return true
  }

  /// Goes back to the operand that `choose` picks, if it picks one.
  mutating func enter(_ choose: (any Operator, [Value]) -> Value?) -> Bool {
    guard case .operation(let op, let operands, _) = graph.nodes[current],
      let value = choose(op, operands)
    else { return false }
    return enter(value)
  }

  /// The summands, if the present node is a sum.
  var sum: (left: Value, right: Value)? {
    guard case .operation(let op, let operands, _) = graph.nodes[current],
      op as? Arithmetic == Arithmetic(.add)
    else { return nil }
    return (operands[0], operands[1])
  }
}

extension Graph {
  /// Replaces several nodes by one wherever `fusion` finds that it can be done, later nodes first.
  func joining(_ fusion: (_ end: Int, _ uses: [Int]) -> Fusion?) -> Graph {
    let uses = useCounts
    var fused: [Int: Fusion] = [:]
    var absorbed: Set<Int> = []
    for index in nodes.indices.reversed() where !absorbed.contains(index) {
      guard let match = fusion(index, uses), !match.inner.isEmpty,
        absorbed.isDisjoint(with: match.inner)
      else { continue }
      fused[index] = match
      absorbed.formUnion(match.inner)
    }
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where !absorbed.contains(index) {
      let value = Value(index: index)
      if let match = fused[index] {
        rewriter.replace(
          value, by: match.op, match.operands.map { rewriter.image(of: $0) },
          extents: node.extents)
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }
}
