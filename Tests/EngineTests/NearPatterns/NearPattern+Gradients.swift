import Engine
import Graphs
import Tensors

extension NearPattern {
  /// Products with a ReLU's step become one operator.
  static let reluGradient = NearPattern(
    "a product with a step",
    isFound: { $0.gradient.fusingReLUGradients().operatorNames.contains("ReLU's gradient") },
    draw: { drawing in
      let shape: Shape = drawing.chance(2) ? [4] : [2, 2, 3]
      let (x, z) = (drawing.input(shape), drawing.input(shape))
      let a = try drawing.graph.multiply(x, z)
      let form = drawing.chance(2) ? drawing.integer(0...3) : drawing.integer(4...7)
      drawing.mustRefuse = form > 3
      switch form {
      case 0: return try drawing.graph.relu(a)
      case 1: return try drawing.graph.multiply(drawing.graph.relu(a), drawing.graph.relu(x))
      case 2:
        let step = try drawing.graph.apply(Elementwise(.step), drawing.element(of: [a, x]))
        return drawing.chance(2)
          ? try drawing.graph.multiply(step, z) : try drawing.graph.multiply(z, step)
      case 3:
        let step = try drawing.graph.apply(Elementwise(.step), a)
        let other = try drawing.graph.apply(Elementwise(.step), drawing.element(of: [step, z]))
        return try drawing.graph.add(drawing.graph.multiply(step, other), step)
      case 4:
        drawing.form = "another function than ReLU"
        let functions: [Elementwise.Function] = [
          .leakyReLU(slope: 0.5), .abs, .clip(lower: 0, upper: .infinity),
          .clip(lower: -2, upper: 3),
          .square, .sign, .step,
        ]
        return try drawing.graph.apply(Elementwise(drawing.element(of: functions)), a)
      case 5:
        drawing.form = "a product with a sign"
        return try drawing.graph.multiply(drawing.graph.apply(Elementwise(.sign), a), z)
      case 6:
        drawing.form = "a sum with a step"
        return try drawing.graph.add(drawing.graph.apply(Elementwise(.step), a), z)
      default:
        drawing.form = "the larger of a value and a step, or a product with a comparison"
        let step = try drawing.graph.apply(Elementwise(.step), x)
        return drawing.chance(2)
          ? try drawing.graph.apply(Arithmetic(.maximum), step, z)
          : try drawing.graph.multiply(z, drawing.graph.apply(Comparison(.greaterOrEqual), x, a))
      }
    })

  /// The gradient of a convolution to few channels runs its vectors along the kernel's rows.
  static let fewChannels = NearPattern(
    "the gradient of a convolution to few channels",
    isFound: { $0.steps.contains("few channels' gradient") },
    draw: { drawing in
      drawing.mustRefuse = drawing.chance(2)
      let form = drawing.mustRefuse ? drawing.integer(1...5) : 0
      let channels = form == 1 ? drawing.integer(5...8) : drawing.integer(1...4)
      let groups = form == 2 ? channels : 1
      let outputs =
        form == 3 ? groups * drawing.integer(1...7) : groups * 8 * drawing.integer(1...2)
      drawing.form =
        [
          "", "five channels or more", "groups", "results in no whole vectors", "wide", "dilated",
        ][form]
      if form == 2, channels == 1 { drawing.mustRefuse = false }
      let (height, width) = (drawing.integer(3...11), drawing.integer(9...12))
      var kernel = Window.Pair(
        drawing.integer(1...min(height, 7)), form == 4 ? 9 : drawing.integer(1...8))
      if form == 5 { kernel = .init(2, drawing.integer(2...5)) }
      let window = Window(
        kernel: kernel, stride: .init(drawing.integer(1...4), drawing.integer(1...4)),
        paddingBefore: .init(
          drawing.integer(0...kernel.height - 1), drawing.integer(0...kernel.width - 1)),
        paddingAfter: .init(drawing.integer(0...2), drawing.integer(0...2)),
        dilation: form == 5 ? 2 : 1)
      let x = drawing.input([channels, height, width])
      let h = drawing.chance(3) ? try drawing.graph.relu(x) : x
      let weight = drawing.parameter([outputs, channels / groups, kernel.height, kernel.width])
      let y = try drawing.graph.convolution(h, weight: weight, bias: nil, window, groups: groups)
      // The cotangent in other layouts too.
      let z = drawing.chance(2) ? try drawing.graph.relu(y) : y
      return drawing.chance(3) ? z : try drawing.joined(drawing.chance(2) ? [z, h] : [z])
    })
}
