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
      let form = drawing.chance(2) ? 0 : drawing.integer(1...10)
      drawing.mustRefuse = form > 0
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
        let mean = try drawing.graph.apply(Reduce(axes: axes), y)
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
        return try drawing.joined([drawing.chance(2) ? drawing.graph.relu(z) : z])
      default:
        drawing.form = "no layer before"
        return try drawing.joined([
          drawing.graph.affine(drawing.graph.relu(x), factor: 2, offset: 1)
        ])
      }
    })

  /// Bias, residual sum and ReLU become part of the layer before them.
  static let fusedLayer = NearPattern(
    "a layer and what follows it", isLive: true,
    isFound: {
      $0.gradient.fusingReLUGradients().fusingLayers().operatorNames.contains("fused layer")
    },
    draw: { drawing in
      let isLinear = drawing.chance(3)
      let side = drawing.element(of: [2, 3, 4, 8])
      let shape: Shape = isLinear ? [side] : [side, side, side]
      let x = drawing.input(shape)
      func layer(_ x: Value, bias: Bool, in drawing: inout PatternDrawing) throws -> Value {
        isLinear
          ? try drawing.linear(x, outputs: side, bias: bias)
          : try drawing.convolution(x, outputs: side, bias: bias)
      }
      let form = drawing.chance(2) ? drawing.integer(0...3) : drawing.integer(4...11)
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
        return try drawing.joined([y, drawing.graph.relu(y)])
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
      default:
        drawing.form = "a product of other matrices"
        let rows = drawing.input([side, side])
        let right = drawing.parameter([side, side])
        let y = try drawing.graph.apply(
          MatrixMultiply(transposesRight: drawing.chance(2)), rows, right)
        let bias = try drawing.graph.perChannel(drawing.parameter([side]), like: y)
        return try drawing.joined([drawing.graph.relu(drawing.graph.add(y, bias))])
      }
    })

  /// The gradient of a layer to its input takes along further cotangents and the ReLU's gate.
  static let fusedInputGradient = NearPattern(
    "an input gradient and what follows it",
    isFound: {
      $0.gradient.fusingReLUGradients().fusingLayers().fusingInputGradients().operatorNames
        .contains("fused input gradient")
    },
    draw: { drawing in
      let isLinear = drawing.chance(3)
      let side = drawing.element(of: [2, 3, 8])
      let x = drawing.input(isLinear ? [side] : [side, 4, 4])
      func layer(_ x: Value, in drawing: inout PatternDrawing) throws -> Value {
        isLinear
          ? try drawing.linear(x, outputs: side, bias: drawing.chance(2))
          : try drawing.convolution(x, outputs: side, bias: drawing.chance(2))
      }
      let form = drawing.chance(2) ? drawing.integer(0...2) : drawing.integer(3...8)
      drawing.mustRefuse = form > 2
      switch form {
      case 0: return try drawing.joined([layer(drawing.graph.relu(x), in: &drawing)])
      case 1 where !isLinear:
        let h = try drawing.graph.relu(x)
        let y = try layer(h, in: &drawing)
        return try drawing.joined([
          drawing.chance(2) ? drawing.graph.add(y, h) : drawing.graph.add(h, y)
        ])
      case 2 where !isLinear:
        let h = drawing.chance(2) ? try drawing.graph.affine(x, factor: 2, offset: 1) : x
        return try drawing.joined([layer(h, in: &drawing), layer(h, in: &drawing), h])
      case 0...2:
        let h = try drawing.graph.relu(x)
        return try drawing.joined([layer(drawing.graph.relu(layer(h, in: &drawing)), in: &drawing)])
      case 3: return try drawing.joined([layer(x, in: &drawing)])
      case 4:
        drawing.form = "no ReLU before the layer"
        let functions: [Elementwise.Function] = [
          .leakyReLU(slope: 0.5), .abs, .clip(lower: -1, upper: 2), .affine(factor: -1, offset: 1),
        ]
        let h = try drawing.graph.apply(Elementwise(drawing.element(of: functions)), x)
        return try drawing.joined([layer(h, in: &drawing)])
      case 5 where isLinear:
        drawing.form = "two linear layers behind one ReLU"
        let h = try drawing.graph.relu(x)
        return try drawing.joined([layer(h, in: &drawing), layer(h, in: &drawing)])
      case 6 where !isLinear:
        drawing.form = "a pooling before the ReLU, whose gradient has the gate"
        let pooled = try drawing.graph.apply(MaxPool(Window(2)), x)
        return try drawing.joined([layer(drawing.graph.relu(pooled), in: &drawing)])
      case 7:
        drawing.form = "a ReLU behind the layer alone"
        return try drawing.joined([drawing.graph.relu(layer(x, in: &drawing))])
      default:
        drawing.form = "a product of tables"
        let rows = try drawing.graph.relu(drawing.input([side, side]))
        return try drawing.joined([
          drawing.graph.apply(MatrixMultiply(), rows, drawing.parameter([side, side]))
        ])
      }
    })
}
