import Engine
import Graphs
import Tensors

extension NearPattern {
  /// What depends on frozen parameters alone is computed beforehand.
  static let knownValues = NearPattern(
    "values that parameters alone decide",
    isFound: { run in
      let store = ParameterStore(run.given, isFrozen: true)
      return run.forward.foldingConstants(store).operatorNames.count
        < run.forward.operatorNames.count
    },
    draw: { drawing in
      let side = drawing.integer(2...4)
      let x = drawing.input([side, side])
      let extents = drawing.graph.extents(of: x)
      func spread(_ value: Value, in drawing: inout PatternDrawing) throws -> Value {
        try drawing.graph.apply(Broadcast(to: extents, axes: [0]), value)
      }
      let form = drawing.chance(2) ? drawing.integer(0...2) : drawing.integer(3...5)
      drawing.mustRefuse = form > 2
      let p = drawing.parameter([side, side])
      switch form {
      case 0:
        let turned = try drawing.graph.apply(Transpose([1, 0]), p)
        return try drawing.graph.multiply(x, spread(turned, in: &drawing))
      case 1:
        let product = try drawing.graph.apply(
          MatrixMultiply(transposesRight: drawing.chance(2)), p, drawing.parameter([side, side]))
        return try drawing.graph.add(
          spread(product, in: &drawing), drawing.graph.apply(MatrixMultiply(), x, product))
      case 2:
        let vector = try drawing.graph.apply(
          Reduce(axes: [drawing.integer(0...1)]), drawing.graph.apply(Elementwise(.square), p))
        let axis = drawing.integer(1...2)
        return try drawing.graph.multiply(
          x, drawing.graph.apply(Broadcast(to: extents, axes: [0, axis]), vector))
      case 3:
        drawing.form = "parameters used as they are"
        return try drawing.graph.add(
          drawing.graph.apply(MatrixMultiply(), x, p), spread(p, in: &drawing))
      case 4:
        drawing.form = "a sum over the batch, which no parameter decides"
        let sum = try drawing.graph.apply(Reduce(axes: [0]), x)
        return try drawing.graph.add(x, spread(drawing.graph.multiply(sum, p), in: &drawing))
      default:
        drawing.form = "a parameter repeated for each example"
        let whole = try spread(p, in: &drawing)
        return try drawing.graph.multiply(drawing.graph.relu(whole), x)
      }
    })

  /// A repetition is read again and again where it is used elementwise, and not written out.
  static let repetition = NearPattern(
    "a repetition in elementwise operations",
    isFound: { run in !run.steps.contains { $0.hasPrefix("scaled(by") } },
    draw: { drawing in
      let side = drawing.integer(2...4)
      let rank = drawing.integer(1...3)
      let shape = Shape([Int](repeating: side, count: rank))
      var x = drawing.input(shape)
      // The results of convolutions lie otherwise, and with gaps.
      if rank == 3, drawing.chance(2) {
        x = try drawing.convolution(x, outputs: side, groups: drawing.chance(2) ? side : 1)
      }
      let extents = drawing.graph.extents(of: x)
      /// A parameter repeated along the batch and some of the other axes.
      func repeated(isMean: Bool = false, in drawing: inout PatternDrawing) throws -> Value {
        let axes = [0] + (1...rank).filter { _ in drawing.chance(2) }
        if drawing.chance(2), !isMean {
          let ones = extents.values.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
          return try drawing.graph.apply(
            Expand(to: extents), drawing.parameter(Shape(ones)))
        }
        let kept = (1...rank).filter { !axes.contains($0) }.map { extents[$0] }
        return try drawing.graph.apply(
          Broadcast(to: extents, axes: axes, isMean: isMean), drawing.parameter(Shape(kept)))
      }
      let operations: [Arithmetic.Operation] = [.add, .multiply, .maximum, .minimum]
      let operation = drawing.element(of: operations)
      let form = drawing.chance(2) ? drawing.integer(0...2) : drawing.integer(3...6)
      drawing.mustRefuse = form > 2
      switch form {
      case 0:
        let other = try repeated(in: &drawing)
        return drawing.chance(2)
          ? try drawing.graph.apply(Arithmetic(operation), x, other)
          : try drawing.graph.apply(Arithmetic(operation), other, x)
      case 1:
        let relation = drawing.element(of: Comparison.Relation.allCases)
        let other = try repeated(in: &drawing)
        return drawing.chance(2)
          ? try drawing.graph.apply(Comparison(relation), x, other)
          : try drawing.graph.apply(Comparison(relation), other, x)
      case 2:
        let (a, b) = (try repeated(in: &drawing), try repeated(in: &drawing))
        return try drawing.graph.apply(
          Select(), to: drawing.element(of: [[x, a, b], [a, x, b], [a, b, x], [a, x, x]]))
      case 3:
        drawing.form = "a sum of two repetitions"
        let sum = try drawing.graph.add(repeated(in: &drawing), repeated(in: &drawing))
        return try drawing.graph.apply(Arithmetic(operation), sum, x)
      case 4:
        drawing.form = "a mean that is spread"
        return try drawing.graph.add(x, repeated(isMean: true, in: &drawing))
      case 5:
        drawing.form = "a function of a repetition"
        let y = try drawing.graph.relu(repeated(in: &drawing))
        return try drawing.graph.apply(Arithmetic(operation), x, y)
      default:
        drawing.form = "the repetition is an output"
        let other = try repeated(in: &drawing)
        drawing.graph.output("other", other)
        return try drawing.graph.apply(Arithmetic(operation), x, other)
      }
    })

  /// A standardisation per channel over the batch comes with its mean and variance.
  static let batchStandardization = NearPattern(
    "a standardisation with its mean and variance", numbers: .smooth, isLive: true,
    isFound: { run in
      !run.steps.contains { ["standardize", "standardisation", "variance"].contains($0) }
    },
    draw: { drawing in
      let side = drawing.integer(2...5)
      let form = drawing.chance(2) ? 0 : drawing.integer(1...6)
      drawing.mustRefuse = form > 0
      let rank = form == 6 ? 3 : drawing.element(of: [2, 4])
      let x = drawing.input(Shape([Int](repeating: side, count: rank - 1)))
      let usual = (0..<rank).filter { $0 != 1 }
      drawing.form =
        [
          "", "other axes", "no variance asked for", "statistics of other values",
          "statistics over other axes", "a sum, not a mean", "tables",
        ][form]
      let others =
        rank == 2 ? [[1]] : [[1], [2, 3], [1, 2, 3], [0, 1, 2], [0, 1, 3], [2], [3]]
      let axes = form == 1 || form == 4 ? drawing.element(of: others) : usual
      // One of the statistics is enough to be another.
      let (meanAxes, varianceAxes) =
        form == 4
        ? drawing.element(of: [(axes, axes), (axes, usual), (usual, axes)]) : (axes, axes)
      let epsilon = drawing.element(of: [0.25, 0.5] as [Float])
      func add(_ op: some Operator, of value: Value) throws -> Value {
        try drawing.graph.apply(op, value)
      }
      let source = form == 3 ? try drawing.graph.affine(x, factor: 0.5, offset: 1) : x
      let isLate = drawing.chance(2)
      var statistics: [Value] = []
      func addStatistics() throws {
        statistics.append(try add(Reduce(axes: meanAxes, isMean: form != 5), of: source))
        if form != 2 { statistics.append(try add(Variance(axes: varianceAxes), of: source)) }
      }
      if !isLate { try addStatistics() }
      let y = try add(Standardize(axes: form == 4 ? usual : axes, epsilon: epsilon), of: x)
      if isLate { try addStatistics() }
      for (index, value) in statistics.enumerated() {
        drawing.graph.output("statistic \(index)", value)
      }
      let scaled = try drawing.graph.multiply(
        y, drawing.graph.perChannel(drawing.vector(like: y), like: y))
      return try drawing.graph.addBias(scaled, drawing.vector(like: y))
    })
}
