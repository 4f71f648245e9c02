import Graphs
import Tensors

/// Two values of six axes, of which the second may be repeated along some of the first.
private func pair(
  _ name: String, _ op: some Operator, repeating extents: [Int]? = nil, isLeft: Bool = false,
  range: ClosedRange<Float> = -1...1
) -> OperatorCase {
  let label = extents.map { " with \($0) repeated\(isLeft ? " on the left" : "")" } ?? ""
  return OperatorCase(name: name + label, range: range) { graph in
    let x = graph.input("x", [Extents.batch, 2, 3, 2, 3, 5])
    var y = graph.input("y", extents.map { Extents([Extents.batch] + $0) } ?? graph.extents(of: x))
    if extents != nil { y = try graph.apply(Expand(to: graph.extents(of: x)), y) }
    return try graph.apply(op, to: isLeft ? [y, x] : [x, y])
  }
}

private let pairOperators: [(String, any Operator, ClosedRange<Float>)] =
  [
    ("add", Arithmetic(.add), -1...1), ("multiply", Arithmetic(.multiply), -1...1),
    ("divide", Arithmetic(.divide), 0.5...2), ("power of two values", Arithmetic(.power), 0.5...2),
    ("maximum", Arithmetic(.maximum), -1...1), ("minimum", Arithmetic(.minimum), -1...1),
  ] + Comparison.Relation.allCases.map { ("\($0)", Comparison($0), -1...1) }

let choiceCases: [OperatorCase] =
  pairOperators.flatMap { name, op, range in
    [
      pair(name, op, range: range),
      pair(name, op, repeating: [2, 1, 2, 1, 5], range: range),
      pair(name, op, repeating: [1, 3, 1, 3, 1], isLeft: true, range: range),
      pair(name, op, repeating: [1, 1, 1, 1, 1], range: range),
    ]
  } + [
    afterConvolution("divide by a scalar") { graph, y in
      let scalar = graph.parameter("scalar", [])
      let shifted = try graph.affine(scalar, factor: 1, offset: 3)
      let wide = try graph.apply(
        Broadcast(to: graph.extents(of: y), axes: [0, 1, 2, 3]), shifted)
      return try graph.apply(Arithmetic(.divide), y, wide)
    },
    afterConvolution(channels: 16, "maximum of two layouts") { graph, y in
      let other = graph.input("other", graph.extents(of: y))
      return try graph.apply(Arithmetic(.maximum), y, other)
    },
    afterConvolution("minimum with channels") { graph, y in
      let channels = graph.parameter("channels", [1, 20, 1, 1])
      let wide = try graph.apply(Expand(to: graph.extents(of: y)), channels)
      return try graph.apply(Arithmetic(.minimum), y, wide)
    },
    afterConvolution(channels: 16, "selection") { graph, y in
      let other = graph.input("other", graph.extents(of: y))
      let condition = try graph.apply(Comparison(.less), y, other)
      return try graph.apply(
        Select(), condition, try graph.apply(Elementwise(.square), y), other)
    },
    afterConvolution(channels: 16, "clip") { graph, y in
      try graph.apply(Elementwise(.clip(lower: 0, upper: 0.5)), y)
    },
    OperatorCase(name: "selection with repetitions") { graph in
      let x = graph.input("x", [Extents.batch, 3, 4, 5])
      let condition = try graph.apply(
        Elementwise(.step), graph.input("condition", [Extents.batch, 3, 1, 5]))
      let wide = Expand(to: graph.extents(of: x))
      let other = try graph.apply(wide, graph.parameter("other", [1, 1, 4, 1]))
      return try graph.apply(Select(), try graph.apply(wide, condition), x, other)
    },
    OperatorCase(name: "expansion") { graph in
      try graph.apply(
        Expand(to: [Extents.batch, 3, 4, 5, 2, 3]),
        graph.input("x", [Extents.batch, 1, 4, 1, 2, 1]))
    },
    OperatorCase(name: "expansion of a parameter to a batch") { graph in
      let x = graph.input("x", [Extents.batch, 4])
      return try graph.add(
        x, try graph.apply(Expand(to: graph.extents(of: x)), graph.parameter("p", [1, 1])))
    },
    OperatorCase(name: "mean over an axis of three, subtracted") { graph in
      let x = graph.input("x", [Extents.batch, 3, 5])
      let mean = try graph.apply(
        Broadcast(to: graph.extents(of: x), axes: [1], isMean: true),
        try graph.apply(Reduce(axes: [1]), x))
      return try graph.subtract(x, mean)
    },
  ]
  + [[1], [2, 3], [3], [0], [1, 3]].flatMap { axes in
    [true, false].map { isMaximum in
      OperatorCase(name: "\(isMaximum ? "maximum" : "minimum") over \(axes)") { graph in
        try graph.apply(
          Extremum(axes: axes, isMaximum: isMaximum), image(&graph, 7, 4, 9))
      }
    }
  }
