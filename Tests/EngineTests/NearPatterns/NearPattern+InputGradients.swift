import Engine
import Graphs
import Tensors

extension NearPattern {
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
        drawing.form = "a product of other matrices"
        let isTable = drawing.chance(2)
        let rows = try drawing.graph.relu(drawing.input(isTable ? [side, side] : [side]))
        return try drawing.joined([
          drawing.graph.apply(
            MatrixMultiply(transposesRight: isTable && drawing.chance(2)), rows,
            drawing.parameter([side, side]))
        ])
      }
    })
}
