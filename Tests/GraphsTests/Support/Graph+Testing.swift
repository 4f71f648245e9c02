import Graphs

extension Graph {
  /// The operators in the order of their nodes, by name.
  var operatorNames: [String] {
    nodes.compactMap { node in
      if case .operation(let op, _, _) = node { op.name } else { nil }
    }
  }

  func count<Op: Operator>(of type: Op.Type) -> Int {
    nodes.count { node in
      if case .operation(let op, _, _) = node { op is Op } else { false }
    }
  }
}
