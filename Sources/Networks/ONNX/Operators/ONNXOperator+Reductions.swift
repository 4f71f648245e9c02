import Graphs

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
