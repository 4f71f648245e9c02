import Graphs
import Tensors

/// Operators that choose, compare, repeat and pick.
extension OperatorTable {
  static let choices: [OperatorCase] =
    [
      OperatorCase("divide", [.batch([2, 3]), .batch([2, 3])], Arithmetic(.divide)),
      OperatorCase(
        "power of two values", [.batch([2, 3], .positive), .batch([2, 3])], Arithmetic(.power)),
      OperatorCase("x to the x", [.batch([3], .positive)]) { graph, x in
        [try graph.apply(Arithmetic(.power), x[0], x[0])]
      },
      OperatorCase("maximum", [.batch([2, 3]), .batch([2, 3])], Arithmetic(.maximum)),
      OperatorCase("minimum", [.batch([2, 3]), .parameter([1, 2, 3])]) { graph, x in
        let wide = try graph.apply(Expand(to: graph.extents(of: x[0])), x[1])
        return [try graph.apply(Arithmetic(.minimum), x[0], wide)]
      },
      OperatorCase("maximum of a value and itself", [.batch([3])]) { graph, x in
        [try graph.apply(Arithmetic(.maximum), x[0], x[0])]
      },
      OperatorCase("selection", [.batch([2, 3]), .batch([2, 3]), .batch([2, 3])]) { graph, x in
        let condition = try graph.apply(Elementwise(.step), x[0])
        return [try graph.apply(Select(), condition, x[1], x[2])]
      },
      OperatorCase("selection by what is selected", [.batch([5])]) { graph, x in
        let below = try graph.apply(Elementwise(.square), x[0])
        return [try graph.apply(Select(), try graph.apply(Elementwise(.step), x[0]), x[0], below)]
      },
    ]
    + Comparison.Relation.allCases.map { relation in
      OperatorCase(
        "\(relation)", [.batch([2, 3]), .batch([2, 3])], isFlat: true, Comparison(relation))
    }
    + [[1], [2, 3], [0], [0, 1, 2, 3], [1, 3], []].flatMap { axes in
      [true, false].map { isMaximum in
        OperatorCase(
          "\(isMaximum ? "maximum" : "minimum") over \(axes)", [.batch([3, 2, 2], .distinct)],
          Extremum(axes: axes, isMaximum: isMaximum))
      }
    }

  static let expansions: [OperatorCase] = [
    OperatorCase(
      "expand in the middle", [.batch([1, 3])], Expand(to: [Extents.batch, 4, 3])),
    OperatorCase(
      "expand a parameter to a batch", [.parameter([1, 3, 1]), .batch([3, 2])]
    ) { graph, x in
      let wide = try graph.apply(Expand(to: graph.extents(of: x[1])), x[0])
      return [try graph.multiply(wide, x[1])]
    },
    OperatorCase(
      "expand six axes", [.batch([2, 1, 2, 1, 1])], Expand(to: [Extents.batch, 2, 3, 2, 1, 2])),
    OperatorCase("expand nothing", [.batch([3])], Expand(to: [Extents.batch, 3])),
    OperatorCase("expand a scalar", [.single([])], Expand(to: [])),
  ]

  static let selections: [OperatorCase] =
    [
      OperatorCase("gather", [.batch([4, 3])], Gather(indices: [3, 0, 0, 2, 3], axis: 1)),
      OperatorCase("gather innermost", [.batch([2, 4])], Gather(indices: [1, 3], axis: 2)),
      OperatorCase("gather rows", [.parameter([5, 2])], Gather(indices: [4, 4, 1], axis: 0)),
      OperatorCase(
        "slice every second", [.batch([7, 2])], Slice(axis: 1, start: 0, step: 2, count: 4)),
      OperatorCase(
        "slice backwards", [.batch([2, 5])], Slice(axis: 2, start: 4, step: -1, count: 5)),
      OperatorCase(
        "slice backwards by 3", [.batch([8, 2])], Slice(axis: 1, start: 7, step: -3, count: 3)),
      OperatorCase(
        "pad with a value", [.batch([3, 2])], Pad(axis: 1, before: 1, after: 2, value: 0.75)),
    ]
    + [PaddingMode.constant(-1.5), .edge, .reflect, .wrap].map { mode in
      OperatorCase("pad two axes, \(mode)", [.batch([2, 3, 4])]) { graph, x in
        [try graph.pad(x[0], before: [0, 0, 2, 1], after: [0, 0, 1, 3], mode: mode)]
      }
    }
    + [PaddingMode.constant(0), .edge].map { mode in
      OperatorCase("pad by less than nothing, \(mode)", [.batch([5, 4])]) { graph, x in
        [try graph.pad(x[0], before: [0, -1, 2], after: [0, 2, -1], mode: mode)]
      }
    }
    + [0, 1, 2].flatMap { axis in
      [false, true].map { logarithm in
        OperatorCase(
          "softmax of axis \(axis), logarithm \(logarithm)", [.single([3, 4, 2])],
          Softmax(axis: axis, logarithm: logarithm))
      }
    }

  static let resamplings: [OperatorCase] = [
    ("nearest", Resampling(.nearest(.floor), .asymmetric), 7),
    ("nearest, fewer", Resampling(.nearest(.preferringFloor)), 3),
    ("linear", Resampling(.linear), 9),
    ("linear, corners", Resampling(.linear, .alignedCorners), 6),
    ("linear, fewer, antialiased", Resampling(.linear, antialiases: true), 2),
    ("cubic", Resampling(.cubic(coefficient: -0.75)), 8),
    ("cubic without outside", Resampling(.cubic(coefficient: -0.5), excludesOutside: true), 3),
    ("crop", Resampling(.linear, .crop(start: -0.2, end: 0.9)), 6),
  ].flatMap { name, resampling, count in
    [
      OperatorCase("resample rows, \(name)", [.batch([2, 5, 3])]) { graph, x in
        [try graph.resample(x[0], axis: 2, to: count, resampling)]
      },
      OperatorCase("resample both axes, \(name)", [.batch([1, 5, 4])]) { graph, x in
        let rows = try graph.resample(x[0], axis: 2, to: count, resampling)
        return [try graph.resample(rows, axis: 3, to: count + 1, resampling)]
      },
    ]
  }

  private static let unusualWindows: [(name: String, window: Window, input: Shape)] = [
    ("dilated", Window(2, dilation: 2), [2, 4, 5]),
    ("dilated, padded, strided", Window(3, stride: 2, padding: 2, dilation: 2), [2, 7, 6]),
    (
      "rounded up",
      Window(kernel: 2, stride: 2, paddingBefore: 0, paddingAfter: .init(1, 1)), [2, 5, 3]
    ),
    (
      "more padding after than kernel",
      Window(kernel: .init(2, 1), stride: .init(4, 3), paddingAfter: .init(3, 2)), [1, 5, 4]
    ),
  ]

  static let unusualPooling: [OperatorCase] = unusualWindows.flatMap { name, window, input in
    let maxPool = MaxPool(window)
    let size = Window.Pair(input[1], input[2])
    guard let outputSize = window.outputSize(of: size) else {
      preconditionFailure("\(name) does not fit")
    }
    let dy = OperatorCase.Operand.batch([input[0], outputSize.height, outputSize.width])
    let uncounted = Window.Pair(min(1, window.paddingAfter.height), window.paddingAfter.width)
    return [
      OperatorCase("max pool, \(name)", [.batch(input, .distinct)], maxPool),
      OperatorCase(
        "max pool's scatter, \(name)", [dy, .batch(input, .distinct)], MaxPoolScatter(maxPool)),
      OperatorCase(
        "max pool's gather, \(name)", [.batch(input), .batch(input, .distinct)],
        MaxPoolGather(maxPool)),
    ]
      + [
        AveragePool(window), AveragePool(window, countsPadding: false),
        AveragePool(window, uncounted: uncounted),
      ].flatMap { average in
        let label = "\(name), counts \(average.countsPadding), but \(average.uncounted.width)"
        return [
          OperatorCase("average pool, \(label)", [.batch(input)], average),
          OperatorCase(
            "average pool's gradient, \(label)", [dy], AveragePoolGradient(average, inputSize: size)
          ),
        ]
      }
  }

  static let sharedProducts: [OperatorCase] =
    [(false, false), (false, true), (true, false), (true, true)].flatMap { left, right in
      let product = MatrixMultiply(transposesLeft: left, transposesRight: right)
      let label = "left transposed \(left), right transposed \(right)"
      let matrices = (
        left: left ? Shape([3, 2]) : [2, 3], right: right ? Shape([4, 3]) : [3, 4]
      )
      return [
        OperatorCase(
          "products with one right matrix, \(label)",
          [.batch(Shape([2] + matrices.left.extents)), .parameter(matrices.right)], product),
        OperatorCase(
          "products with one left matrix, \(label)",
          [.parameter(matrices.left), .batch(matrices.right)], product),
        OperatorCase(
          "sum of products, \(label)", [.batch(matrices.left), .batch(matrices.right)],
          MatrixMultiply(transposesLeft: left, transposesRight: right, addsPairs: true)),
      ]
    }
}
