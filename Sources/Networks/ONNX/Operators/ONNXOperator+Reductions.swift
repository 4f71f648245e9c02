import Graphs
import Tensors

extension ONNXOperator {
  /// Sums, means and extremes over axes.
  static let reductions: [String: ONNXOperator] = [
    "ReduceSum": reduction { graph, x, axes in
      try graph.apply(Reduce(axes: axes), x)
    },
    "ReduceMean": reduction { graph, x, axes in
      try graph.apply(Reduce(axes: axes, isMean: true), x)
    },
    "ReduceMax": reduction(ofNothing: -.infinity) { graph, x, axes in
      try graph.apply(Extremum(axes: axes, isMaximum: true), x)
    },
    "ReduceMin": reduction(ofNothing: .infinity) { graph, x, axes in
      try graph.apply(Extremum(axes: axes, isMaximum: false), x)
    },
    "ReduceSumSquare": reduction { graph, x, axes in
      try graph.apply(Reduce(axes: axes), try graph.apply(Elementwise(.square), x))
    },
    "ReduceL1": reduction { graph, x, axes in
      try graph.apply(Reduce(axes: axes), try graph.apply(Elementwise(.abs), x))
    },
    "ReduceL2": reduction { graph, x, axes in
      let sum = try graph.apply(Reduce(axes: axes), try graph.apply(Elementwise(.square), x))
      return try graph.apply(Elementwise(.squareRoot), sum)
    },
    "ReduceProd": reduction(ofNothing: 1) { graph, x, axes in try graph.product(x, axes: axes) },
    "ReduceLogSum": reduction { graph, x, axes in
      try graph.apply(Elementwise(.log), try graph.apply(Reduce(axes: axes), x))
    },
    "ReduceLogSumExp": reduction(ofNothing: -.infinity) { graph, x, axes in
      // Relative to the largest, so that no exponential overflows.
      let largest = try graph.apply(Extremum(axes: axes, isMaximum: true), x)
      let spread = Broadcast(to: graph.extents(of: x), axes: axes)
      let rest = try graph.subtract(x, try graph.apply(spread, largest))
      let sum = try graph.apply(Reduce(axes: axes), try graph.apply(Elementwise(.exp), rest))
      return try graph.add(try graph.apply(Elementwise(.log), sum), largest)
    },
  ]

  /// The axes over which a reduction goes, ascending.
  static func reducedAxes(_ call: ONNXCall, in scope: ONNXScope) throws -> [Int] {
    let rank = try call.operand(0).rank
    let opset = call.node.op == "ReduceSum" ? 13 : 18
    let axes = try call.integers("axes", input: 1, since: opset, in: scope) ?? []
    if axes.isEmpty {
      return try call.node.flag("noop_with_empty_axes") ? [] : Array(0..<rank)
    }
    return try ONNXShape.axes(axes, rank: rank).sorted()
  }

  private static func reduction(
    ofNothing: Float? = nil,
    _ build: @escaping @Sendable (inout GraphBuilder, Value, [Int]) throws -> Value
  ) -> ONNXOperator {
    .one(["axes", "keepdims", "noop_with_empty_axes"]) { scope, call in
      let x = try call.operand(0)
      let axes = try reducedAxes(call, in: scope)
      let keeps = try call.node.flag("keepdims", true)
      let shape = x.shape.enumerated().compactMap { axis, extent in
        axes.contains(axis) ? (keeps ? 1 : nil) : extent
      }
      if x.count == 0, let number = ofNothing {
        return try filled(shape, with: number, &scope)
      }
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
      let y = try build(&scope.graph, value, axes.map { $0 + offset })
      return try scope.result(y, isBatched: isBatched, shape: shape, kind: x.kind)
    }
  }

  /// Sums of products by an equation.
  static let summations: [String: ONNXOperator] = [
    "Einsum": .one(["equation"]) { scope, call in
      let operands = try call.all()
      guard let text = try call.node.text("equation") else {
        throw ONNXProblem("its equation is missing")
      }
      let equation = try ONNXEinsum(text, ranks: operands.map(\.rank))
      var terms = zip(operands, equation.operands).map { Term(operand: $0, labels: $1) }
      guard terms.allSatisfy({ Set($0.labels).count == $0.labels.count }) else {
        throw ONNXProblem("its equation \(text.quoted) takes a diagonal, which is not supported")
      }
      while terms.count > 1 {
        let (left, right) = (terms.removeFirst(), terms.removeFirst())
        let later = Set(terms.flatMap(\.labels) + equation.result)
        terms.insert(try product(left, right, keeping: later, &scope), at: 0)
      }
      return try sum(terms[0], onto: equation.result, &scope)
    }
  ]

  /// An operand with a label for each axis.
  private struct Term {
    let operand: ONNXOperand
    let labels: [String]

    func extent(_ label: String) -> Int? {
      labels.firstIndex(of: label).map { operand.shape[$0] }
    }
  }

  /// The sum over what is not among some labels, in their order; those that it lacks are left out.
  private static func sum(
    _ term: Term, onto wanted: [String], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    var (x, labels) = (term.operand, term.labels)
    let axes = labels.indices.filter { !wanted.contains(labels[$0]) }
    if !axes.isEmpty {
      let (value, offset, isBatched) = try scope.withAxes(of: x, using: axes)
      let sum = try scope.graph.apply(Reduce(axes: axes.map { $0 + offset }), value)
      labels = labels.filter { wanted.contains($0) }
      x = try scope.result(
        sum, isBatched: isBatched,
        shape: x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
    }
    let order = wanted.compactMap { labels.firstIndex(of: $0) }
    return order == Array(order.indices) ? x : try transposed(x, by: order, &scope)
  }

  /// The product of two operands, summed over what no later one and no result needs, as one of matrices.
  private static func product(
    _ left: Term, _ right: Term, keeping later: Set<String>, _ scope: inout ONNXScope
  ) throws -> Term {
    let common = left.labels.filter { right.labels.contains($0) }
    for label in common {
      let (a, b) = (left.extent(label) ?? 1, right.extent(label) ?? 1)
      guard a == b || a == 1 || b == 1 else {
        throw ONNXProblem("its axes \(label.quoted) are \(a) and \(b)")
      }
    }
    // Where one has a single place that the other has not, it is repeated.
    let isSummed = { (label: String) in
      !later.contains(label) && left.extent(label) == right.extent(label)
    }
    let outer = common.filter { !isSummed($0) }
    let inner = common.filter(isSummed)
    let rows = left.labels.filter { !common.contains($0) && later.contains($0) }
    let columns = right.labels.filter { !common.contains($0) && later.contains($0) }
    let a = try matrices(left, outer, [rows, inner], &scope)
    let b = try matrices(right, outer, [inner, columns], &scope)
    let y = try product(a, b, &scope)
    let labels = outer + rows + columns
    let shape = labels.map { max(left.extent($0) ?? 1, right.extent($0) ?? 1) }
    return Term(operand: try reshaped(y, shape, &scope), labels: labels)
  }

  /// An operand with the axes of groups joined behind some axes of its own.
  private static func matrices(
    _ term: Term, _ outer: [String], _ groups: [[String]], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let x = try sum(term, onto: outer + groups.joined(), &scope)
    let extents = outer.map { term.extent($0) ?? 1 }
    return try reshaped(
      x, extents + groups.map { $0.reduce(1) { $0 * (term.extent($1) ?? 1) } }, &scope)
  }
}

extension GraphBuilder {
  /// The product over some axes, which disappear.
  fileprivate mutating func product(_ x: Value, axes: [Int]) throws -> Value {
    var y = x
    for axis in axes.sorted(by: >) {
      let extent = extents(of: y)[axis]
      guard 1...256 ~= extent else {
        throw ONNXProblem("it multiplies along an axis of \(extent); expected at most 256")
      }
      var factors: [Value] = []
      for place in 0..<extent {
        factors.append(
          extent == 1 ? y : try apply(Slice(axis: axis, range: place..<place + 1), y))
      }
      while factors.count > 1 {
        var products: [Value] = []
        for first in stride(from: 0, to: factors.count - 1, by: 2) {
          products.append(try multiply(factors[first], factors[first + 1]))
        }
        if !factors.count.isMultiple(of: 2) { products.append(factors[factors.count - 1]) }
        factors = products
      }
      var rest = extents(of: y).values
      rest.remove(at: axis)
      y = try apply(Reshape(to: Extents(rest)), factors[0])
    }
    return y
  }
}
