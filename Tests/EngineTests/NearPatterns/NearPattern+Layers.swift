import Engine
import Graphs
import Tensors

extension NearPattern {
  /// What scales and shifts the channels of a layer's result becomes part of the layer.
  static let foldedNormalization = NearPattern(
    "normalisation behind a layer",
    isFound: { run in
      run.parameters.keys.contains { $0.hasPrefix("folded(") && $0.hasSuffix("weight") }
    },
    draw: { drawing in
      let isLinear = drawing.chance(3)
      // Square, so that no extent tells one axis from another.
      let side = drawing.integer(2...4)
      var x = drawing.input(isLinear ? [side] : [side, side, side])
      let groups = drawing.chance(4) && !isLinear ? side : 1
      func layer(_ x: Value, in drawing: inout PatternDrawing) throws -> Value {
        let bias = drawing.chance(2)
        return isLinear
          ? try drawing.linear(x, outputs: side, bias: bias)
          : try drawing.convolution(x, outputs: side, bias: bias, groups: groups)
      }
      func map(_ x: Value, in drawing: inout PatternDrawing) throws -> Value {
        switch drawing.integer(0...2) {
        case 0: return try drawing.normalized(x)
        case 1:
          let factor = try drawing.graph.perChannel(drawing.vector(like: x), like: x)
          return drawing.chance(2)
            ? try drawing.graph.multiply(factor, x) : try drawing.graph.multiply(x, factor)
        default: return try drawing.graph.affine(x, factor: -0.5, offset: 2)
        }
      }
      let form = drawing.chance(2) ? 0 : drawing.integer(1...12)
      drawing.mustRefuse = form > 0
      if form > 10, isLinear {
        drawing.form = "a product of tables, or with a weight that is not transposed"
        let rows = form == 11 ? drawing.input([side, side]) : x
        let y = try drawing.graph.apply(
          MatrixMultiply(transposesRight: form == 11), rows, drawing.parameter([side, side]))
        return try drawing.joined([map(y, in: &drawing)])
      }
      if form == 1 {
        drawing.form = "before the layer"
        x = try drawing.normalized(x)
        return try drawing.joined([layer(x, in: &drawing)])
      }
      let y = try layer(x, in: &drawing)
      let extents = drawing.graph.extents(of: y)
      switch form {
      case 2:
        drawing.form = "others use the layer's result"
        return try drawing.joined([y, map(y, in: &drawing)])
      case 3:
        drawing.form = "the layer's result is an output"
        drawing.graph.output("other", y)
        return try drawing.joined([map(y, in: &drawing)])
      case 4 where !isLinear:
        drawing.form = "along another axis"
        let axis = drawing.integer(2...3)
        let vector = drawing.parameter([side])
        let factor = try drawing.graph.apply(
          Broadcast(to: extents, axes: (0..<4).filter { $0 != axis }), vector)
        return try drawing.joined([drawing.graph.multiply(y, factor)])
      case 5:
        drawing.form = "a ReLU between"
        return try drawing.joined([map(drawing.graph.relu(y), in: &drawing)])
      case 6 where !isLinear:
        drawing.form = "a pooling between"
        let pooled = try drawing.graph.apply(AveragePool(Window(2)), y)
        return try drawing.joined([map(pooled, in: &drawing)])
      case 7:
        drawing.form = "by the statistics of the batch"
        let axes = (0..<extents.rank).filter { $0 != 1 }
        let whole =
          drawing.chance(2) ? y : drawing.input(Shape(Array(extents.values.dropFirst())))
        let mean = try drawing.graph.apply(Reduce(axes: axes), whole)
        let variance = drawing.parameter(Tensor<Float>(repeating: 0.75, shape: [side]))
        let normal = try drawing.graph.apply(
          BatchNormalization(epsilon: 0.25), y, drawing.vector(like: y), drawing.vector(like: y),
          mean, variance)
        return try drawing.joined([normal])
      case 8 where !isLinear:
        drawing.form = "a factor for each value"
        let whole = drawing.parameter(Shape(Array(extents.values.dropFirst())))
        let factor = try drawing.graph.apply(Broadcast(to: extents, axes: [0]), whole)
        return try drawing.joined([drawing.graph.multiply(y, factor)])
      case 9:
        drawing.form = "sums only"
        return try drawing.joined([drawing.graph.addBias(y, drawing.vector(like: y))])
      case 10:
        drawing.form = "a factor that depends on the input"
        let other = drawing.input(Shape(Array(extents.values.dropFirst())))
        return try drawing.joined([drawing.graph.multiply(y, other)])
      case 0:
        var z = try map(y, in: &drawing)
        for _ in 0..<drawing.integer(0...2) {
          z =
            drawing.chance(3)
            ? try drawing.graph.addBias(z, drawing.vector(like: z)) : try map(z, in: &drawing)
        }
        if drawing.chance(4) {
          drawing.form = "others use what is between two maps"
          return try drawing.joined([z, map(z, in: &drawing)])
        }
        return try drawing.joined([drawing.chance(2) ? drawing.graph.relu(z) : z])
      default:
        drawing.form = "no layer before"
        return try drawing.joined([
          drawing.graph.affine(drawing.graph.relu(x), factor: 2, offset: 1)
        ])
      }
    })
}
