import Engine
import Graphs
import Tensors

extension NearPattern {
  /// Max pooling is moved before the ReLU that it followed.
  static let poolingFirst = NearPattern(
    "a ReLU before max pooling",
    isFound: { $0.forward.operatorNames != $0.forward.poolingFirst().operatorNames },
    draw: { drawing in
      let x = drawing.input([drawing.element(of: [1, 2, 8]), 5, 5])
      let a = drawing.chance(2) ? try drawing.convolution(x, outputs: 8) : x
      let window = drawing.poolingWindow(over: a)
      func pooled(_ value: Value, in drawing: inout PatternDrawing) throws -> Value {
        try drawing.graph.apply(MaxPool(window), value)
      }
      let form = drawing.chance(2) ? drawing.integer(0...2) : drawing.integer(3...8)
      drawing.mustRefuse = form > 2
      switch form {
      case 0: return try drawing.joined([pooled(drawing.graph.relu(a), in: &drawing)])
      case 1:
        let y = try pooled(drawing.graph.relu(a), in: &drawing)
        return try drawing.joined([drawing.graph.relu(y), a, y])
      case 2:
        // Two poolings, each behind a ReLU of its own.
        return try drawing.joined([
          pooled(drawing.graph.relu(a), in: &drawing), pooled(drawing.graph.relu(a), in: &drawing),
          pooled(a, in: &drawing),
        ])
      case 3:
        drawing.form = "others use the ReLU"
        let h = try drawing.graph.relu(a)
        return try drawing.joined([pooled(h, in: &drawing), h])
      case 4:
        drawing.form = "the ReLU is an output"
        let h = try drawing.graph.relu(a)
        drawing.graph.output("other", h)
        return try drawing.joined([pooled(h, in: &drawing)])
      case 5:
        drawing.form = "average pooling"
        let usual = Window(2, stride: drawing.integer(1...2), padding: drawing.integer(0...1))
        return try drawing.joined([
          drawing.graph.apply(
            AveragePool(usual, countsPadding: drawing.chance(2)), drawing.graph.relu(a))
        ])
      case 6:
        drawing.form = "another function than ReLU"
        let functions: [Elementwise.Function] = [
          .leakyReLU(slope: 0.5), .abs, .clip(lower: 1, upper: 2), .clip(lower: 0, upper: 2),
          .affine(factor: -1, offset: 1), .square,
        ]
        let function = drawing.element(of: functions)
        return try drawing.joined([
          pooled(drawing.graph.apply(Elementwise(function), a), in: &drawing)
        ])
      case 7:
        drawing.form = "the ReLU behind the pooling"
        return try drawing.joined([drawing.graph.relu(pooled(a, in: &drawing))])
      default:
        drawing.form = "the gradient of the pooling gathers, not the pooling"
        return try drawing.joined([
          drawing.graph.apply(MaxPoolGather(MaxPool(window)), drawing.graph.relu(a), a)
        ])
      }
    })

  /// Max pooling of channels in whole vectors takes the ReLU behind it along, and its gradient the ReLU's.
  static let pooledReLU = NearPattern(
    "a ReLU behind max pooling of whole vectors",
    isFound: { $0.steps.contains("max pooling and ReLU") },
    draw: { drawing in
      let form = drawing.chance(2) ? drawing.integer(0...5) : drawing.integer(6...11)
      drawing.mustRefuse = form > 5
      let channels = form == 10 ? drawing.integer(1...7) : drawing.element(of: [8, 16])
      let side = form == 11 ? 17 : 5
      let x = drawing.input([8, side, side])
      // A convolution, whose result lies in vectors.
      let a = try drawing.convolution(x, outputs: channels)
      var window = Window(
        drawing.integer(1...3), stride: drawing.integer(1...3), padding: 0,
        dilation: form == 9 ? 2 : 1)
      if form == 9 { window.kernel = .init(2, 2) }
      if form == 11 { window.kernel = .init(16, drawing.integer(16...17)) }
      if form < 9, window.kernel.height > 1, drawing.chance(2) { window.paddingBefore = 1 }
      func pooled(in drawing: inout PatternDrawing) throws -> Value {
        try drawing.graph.apply(MaxPool(window), a)
      }
      func scaled(_ value: Value, in drawing: inout PatternDrawing) throws -> Value {
        try drawing.graph.affine(value, factor: Float(drawing.integer(-3...3)), offset: 0)
      }
      switch form {
      case 0: return try drawing.joined([drawing.graph.relu(pooled(in: &drawing))])
      case 1:
        drawing.form = "an equal pooling without a ReLU, before or after"
        var values = [
          try drawing.graph.relu(pooled(in: &drawing)),
          try scaled(pooled(in: &drawing), in: &drawing),
        ]
        if drawing.chance(2) {
          let plain = try scaled(pooled(in: &drawing), in: &drawing)
          values = [plain, try drawing.graph.relu(pooled(in: &drawing))]
        }
        return try drawing.joined(values)
      case 2:
        drawing.form = "two equal poolings, each with a ReLU"
        return try drawing.joined([
          drawing.graph.relu(pooled(in: &drawing)),
          scaled(drawing.graph.relu(pooled(in: &drawing)), in: &drawing),
        ])
      case 3:
        drawing.form = "the ReLU has several uses"
        let y = try drawing.graph.relu(pooled(in: &drawing))
        return try drawing.joined([
          y, scaled(y, in: &drawing), drawing.convolution(y, outputs: 8),
        ])
      case 4:
        drawing.form = "another window on the same values"
        var other = window
        other.stride = 1
        let plain = try drawing.graph.apply(MaxPool(other), a)
        return try drawing.joined([
          plain, drawing.graph.relu(pooled(in: &drawing)), drawing.graph.relu(a),
        ])
      case 5:
        drawing.form = "the step of a ReLU behind another pooling"
        window.kernel = 3
        (window.paddingBefore, window.paddingAfter) = (1, 1)
        let gate = try drawing.graph.relu(pooled(in: &drawing))
        let step = try drawing.graph.apply(Elementwise(.step), gate)
        let others = [a, try drawing.convolution(x, outputs: channels)]
        let other =
          drawing.chance(2)
          ? try drawing.graph.apply(MaxPool(window), others[1])
          : try drawing.graph.apply(
            MaxPool(Window(1, stride: window.stride.height)), drawing.element(of: others))
        return try drawing.joined([drawing.graph.multiply(other, step), gate])
      case 6:
        drawing.form = "others use the pooled values"
        let y = try pooled(in: &drawing)
        return try drawing.joined([y, drawing.graph.relu(y)])
      case 7:
        drawing.form = "the pooled values are an output"
        let y = try pooled(in: &drawing)
        drawing.graph.output("other", y)
        return try drawing.joined([drawing.graph.relu(y)])
      case 8:
        drawing.form = "another function than ReLU"
        let functions: [Elementwise.Function] = [
          .leakyReLU(slope: 0.5), .abs, .clip(lower: -1, upper: 2), .clip(lower: 0, upper: 2),
        ]
        return try drawing.joined([
          drawing.graph.apply(Elementwise(drawing.element(of: functions)), pooled(in: &drawing))
        ])
      default:
        drawing.form =
          ["a dilated window", "channels in no whole vectors", "more places than a byte counts"][
            form - 9]
        return try drawing.joined([drawing.graph.relu(pooled(in: &drawing))])
      }
    })
}
