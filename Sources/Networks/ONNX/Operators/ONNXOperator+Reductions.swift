import Graphs

extension ONNXOperator {
  /// Sums, means and extremes over axes.
  static let reductions: [String: ONNXOperator] = [
    "ReduceSum": reduction(axesInputSince: 13) { graph, x, axes in
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
  ]

  private static func reduction(
    axesInputSince opset: Int = 18, ofNothing: Float? = nil,
    _ build: @escaping @Sendable (inout GraphBuilder, Value, [Int]) throws -> Value
  ) -> ONNXOperator {
    .one(["axes", "keepdims", "noop_with_empty_axes"]) { scope, call in
      let x = try call.operand(0)
      var axes = try call.integers("axes", input: 1, since: opset, in: scope) ?? []
      if axes.isEmpty {
        if try call.node.flag("noop_with_empty_axes") {
          axes = []
        } else {
          axes = Array(0..<x.rank)
        }
      }
      axes = try ONNXShape.axes(axes, rank: x.rank).sorted()
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
