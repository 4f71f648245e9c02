import Engine
import Graphs
import Tensors

extension NearPattern {
  /// Bias, residual sum and ReLU become part of the layer before them.
  static let fusedLayer = NearPattern(
    "a layer and what follows it", isLive: true,
    isFound: { run in
      // A pass without gradients leaves values with fewer uses.
      [run.gradient, run.prepared].contains {
        $0.fusingReLUGradients().fusingLayers().operatorNames.contains("fused layer")
      }
    },
    draw: { drawing in
      let isLinear = drawing.chance(3)
      let side = drawing.element(of: [2, 3, 4, 8])
      let shape: Shape = isLinear ? [side] : [side, side, side]
      let x = drawing.input(shape)
      func layer(_ x: Value, bias: Bool, in drawing: inout PatternDrawing) throws -> Value {
        isLinear
          ? try drawing.linear(x, outputs: side, bias: bias)
          : try drawing.convolution(
            x, outputs: side, bias: bias, groups: drawing.chance(4) ? side : 1)
      }
      let form = drawing.chance(2) ? drawing.integer(0...3) : drawing.integer(4...12)
      drawing.mustRefuse = form > 3
      switch form {
      case 0:
        let y = try layer(x, bias: true, in: &drawing)
        return try drawing.joined([drawing.chance(2) ? drawing.graph.relu(y) : y])
      case 1:
        return try drawing.joined([drawing.graph.relu(layer(x, bias: false, in: &drawing))])
      case 2 where !isLinear:
        let y = try layer(x, bias: drawing.chance(2), in: &drawing)
        let partners = [
          x, drawing.input(shape),
          try drawing.graph.apply(
            Expand(to: Extents(batchOf: shape)), drawing.parameter([1, 1, side, 1])),
          try layer(x, bias: false, in: &drawing),
        ]
        let partner = drawing.element(of: partners)
        let sum =
          drawing.chance(2)
          ? try drawing.graph.add(y, partner) : try drawing.graph.add(partner, y)
        return try drawing.joined([drawing.chance(2) ? drawing.graph.relu(sum) : sum])
      case 2, 3:
        let y = try layer(x, bias: true, in: &drawing)
        let z = try layer(drawing.graph.relu(y), bias: true, in: &drawing)
        return try drawing.joined([z, y])
      case 4:
        drawing.form = "others use the layer's result"
        let y = try layer(x, bias: false, in: &drawing)
        // What is laid out otherwise may be the same memory.
        let z = drawing.chance(2) ? try drawing.graph.flatten(y) : y
        return try drawing.joined([y, drawing.graph.relu(z)])
      case 5:
        drawing.form = "the layer's result is an output"
        let y = try layer(x, bias: false, in: &drawing)
        drawing.graph.output("other", y)
        return try drawing.joined([drawing.graph.addBias(y, drawing.vector(like: y))])
      case 6 where !isLinear:
        drawing.form = "a bias along another axis"
        let y = try layer(x, bias: false, in: &drawing)
        let extents = drawing.graph.extents(of: y)
        let axis = drawing.integer(2...3)
        let bias = try drawing.graph.apply(
          Broadcast(to: extents, axes: (0..<4).filter { $0 != axis }), drawing.parameter([side]))
        return try drawing.joined([drawing.graph.add(y, bias)])
      case 7:
        drawing.form = "another function than ReLU"
        let functions: [Elementwise.Function] = [
          .leakyReLU(slope: 0.5), .abs, .clip(lower: 0, upper: 2), .affine(factor: -1, offset: 1),
        ]
        let function = drawing.element(of: functions)
        return try drawing.joined([
          drawing.graph.apply(Elementwise(function), layer(x, bias: false, in: &drawing))
        ])
      case 8:
        drawing.form = "a factor, not a bias"
        let y = try layer(x, bias: false, in: &drawing)
        let factor = try drawing.graph.perChannel(drawing.vector(like: y), like: y)
        return try drawing.joined([drawing.graph.multiply(y, factor)])
      case 9:
        drawing.form = "twice the layer's result"
        let y = try layer(x, bias: false, in: &drawing)
        return try drawing.joined([drawing.graph.add(y, y)])
      case 10:
        drawing.form = "a mean that is spread, not a bias"
        let y = try layer(x, bias: false, in: &drawing)
        let bias = try drawing.graph.perChannel(drawing.vector(like: y), like: y, isMean: true)
        return try drawing.joined([drawing.graph.add(y, bias)])
      case 11 where isLinear:
        drawing.form = "a sum with a linear layer"
        let y = try layer(x, bias: false, in: &drawing)
        let sum =
          drawing.chance(2) ? try drawing.graph.add(y, x) : try drawing.graph.add(x, y)
        return try drawing.joined([drawing.chance(2) ? drawing.graph.relu(sum) : sum])
      default:
        drawing.form = "a product of other matrices"
        let isTable = drawing.chance(2)
        let rows = drawing.input(isTable ? [side, side] : [side])
        let right = drawing.parameter([side, side])
        let y = try drawing.graph.apply(
          MatrixMultiply(transposesRight: isTable && drawing.chance(2)), rows, right)
        let bias = try drawing.graph.perChannel(drawing.parameter([side]), like: y)
        return try drawing.joined([drawing.graph.relu(drawing.graph.add(y, bias))])
      }
    })
}
