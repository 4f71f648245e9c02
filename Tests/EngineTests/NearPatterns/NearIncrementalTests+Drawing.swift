import Graphs
import Tensors

extension NearIncrementalTests {
  /// Draws a network near a chain that is followed.
  static func draw(_ drawing: inout PatternDrawing) throws -> Value {
    let side = drawing.integer(2...4)
    let size = drawing.integer(6...9)
    let form = drawing.chance(2) ? 0 : drawing.integer(1...18)
    drawing.mustRefuse = form > 0
    let picture = Extents(batchOf: [side, size, size])
    var x: Value
    if form == 14 || form == 15 || drawing.chance(4) {
      // A picture that is given as a row.
      x = drawing.input([side * size * size])
      if form == 14 {
        drawing.form = "a factor for each value of a row"
        x = try drawing.graph.multiply(x, spread(1, like: x, in: &drawing))
      } else {
        if form == 15 {
          drawing.form = "a factor before the row is a picture"
          x = try drawing.graph.affine(x, factor: 0.5, offset: -0.25)
        }
        x = try drawing.graph.apply(Reshape(to: picture), x)
      }
    } else {
      x = drawing.input([side, size, size])
    }
    func spread(_ axis: Int, like x: Value, in drawing: inout PatternDrawing) throws -> Value {
      let extents = drawing.graph.extents(of: x)
      return try drawing.graph.apply(
        Broadcast(to: extents, axes: (0..<extents.rank).filter { $0 != axis }),
        drawing.parameter([extents[axis]]))
    }
    if form == 14 {
      let y = try drawing.graph.relu(drawing.linear(x, outputs: 5, bias: true))
      return try drawing.linear(y, outputs: 3)
    }
    if form == 1 {
      drawing.form = "a factor along another axis"
      x = try drawing.graph.multiply(x, spread(drawing.integer(2...3), like: x, in: &drawing))
    } else if form == 2 {
      drawing.form = "an axis exchanged"
      x = try drawing.graph.apply(
        Transpose(drawing.element(of: [[0, 1, 3, 2], [0, 2, 3, 1]])), x)
    } else if form == 16 {
      drawing.form = "another operation with a vector"
      let operation = drawing.element(of: [.maximum, .divide] as [Arithmetic.Operation])
      x = try drawing.graph.apply(
        Arithmetic(operation), x, spread(1, like: x, in: &drawing))
    } else if drawing.chance(2) {
      x = try drawing.graph.affine(x, factor: 0.5, offset: -0.25)
      x = try drawing.graph.addBias(x, drawing.vector(like: x))
    }
    if form == 3 {
      drawing.form = "a ReLU of the input"
      x = try drawing.graph.relu(x)
    }
    let channels = drawing.graph.extents(of: x)[1]
    let groups = form == 4 ? channels : 1
    var y = try drawing.convolution(
      x, outputs: groups * drawing.integer(2...4), bias: drawing.chance(2), groups: groups)
    if form == 5 {
      drawing.form = "a function between"
      let functions: [Elementwise.Function] = [
        .leakyReLU(slope: 0.5), .abs, .clip(lower: 0, upper: 1), .affine(factor: 2, offset: 1),
        .sigmoid,
      ]
      y = try drawing.graph.apply(Elementwise(drawing.element(of: functions)), y)
      y = try drawing.graph.relu(y)
    }
    if drawing.chance(2) { y = try drawing.graph.relu(y) }
    if form == 6 {
      drawing.form = "a residual sum"
      let z = try drawing.convolution(y, outputs: drawing.graph.extents(of: y)[1])
      y = drawing.chance(2) ? try drawing.graph.add(y, z) : try drawing.graph.add(z, y)
    } else if form == 7 {
      drawing.form = "a product with itself"
      y = try drawing.graph.multiply(y, y)
    } else if form == 8 {
      drawing.form = "a bias along another axis"
      y = try drawing.graph.add(y, spread(drawing.integer(2...3), like: y, in: &drawing))
    } else if form == 9 {
      drawing.form = "padded, dilated or average pooling"
      let pooling: [any Operator] = [
        MaxPool(Window(2, stride: 2, padding: 1)), MaxPool(Window(2, dilation: 2)),
        AveragePool(Window(2)),
      ]
      y = try drawing.graph.apply(any: drawing.element(of: pooling), y)
    } else if drawing.chance(2) {
      let width = drawing.graph.extents(of: y)[3]
      y = try drawing.graph.apply(
        MaxPool(Window(drawing.integer(1...min(3, width)), stride: drawing.integer(1...2))), y)
      if drawing.chance(2) { y = try drawing.graph.relu(y) }
    }
    if form == 10 {
      drawing.form = "axes exchanged before the linear layers"
      y = try drawing.graph.apply(Transpose([0, 2, 3, 1]), y)
    }
    var rows = try drawing.graph.flatten(y)
    if form == 11 {
      drawing.form = "a factor for each feature"
      rows = try drawing.graph.multiply(rows, spread(1, like: rows, in: &drawing))
      rows = try drawing.graph.relu(rows)
    }
    for _ in 0..<drawing.integer(0...1) {
      rows = try drawing.linear(rows, outputs: drawing.integer(2...5), bias: drawing.chance(2))
      if drawing.chance(2) { rows = try drawing.graph.relu(rows) }
    }
    rows = try drawing.linear(rows, outputs: 3, bias: true)
    if form == 17 {
      drawing.form = "a product with a weight that is not transposed"
      rows = try drawing.graph.apply(MatrixMultiply(), rows, drawing.parameter([3, 3]))
    } else if form == 18 {
      drawing.form = "parameters that may change"
      drawing.mayChange = true
    }
    if form == 12 {
      drawing.form = "a function of the scores"
      rows = try drawing.graph.apply(Softmax(), rows)
    } else if form == 13 {
      drawing.form = "a second way to the scores"
      rows = try drawing.graph.add(
        rows, drawing.linear(drawing.graph.flatten(x), outputs: 3))
    }
    return rows
  }
}

extension GraphBuilder {
  /// Applies an operator whose type is not known.
  fileprivate mutating func apply(any op: any Operator, _ x: Value) throws -> Value {
    try apply(op, to: [x])
  }
}
