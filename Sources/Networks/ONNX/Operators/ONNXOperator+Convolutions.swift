import Graphs
import Tensors

extension ONNXOperator {
  /// Convolutions and their transposes.
  static let convolutions: [String: ONNXOperator] = [
    "Conv": .one(ONNXWindow.attributes.union(["group"]), convolution),
    "ConvTranspose": .one(
      ONNXWindow.attributes.union(["group", "output_padding", "output_shape"]), transposed),
  ]

  private static func groups(_ node: ONNXNode) throws -> Int {
    let groups = try node.integer("group") ?? 1
    guard 1...ONNXNode.sizeLimit ~= groups else {
      throw ONNXProblem("its attribute 'group' is \(groups)")
    }
    return groups
  }

  /// How many images an example holds, where a network merged its batch with another axis.
  ///
  /// They are channels of one image then, in as many times the groups.
  private static func copies(_ x: ONNXOperand) -> Int { x.isBatched ? max(x.shape[0], 1) : 1 }

  /// The weight as a graph's value of rank 4, once for each image of an example.
  private static func weight(
    _ operand: ONNXOperand, like x: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> Value {
    guard operand.rank == x.rank, !operand.isBatched else {
      throw ONNXProblem(
        "its weight depends on the input, or has \(operand.rank) axes, not \(x.rank)")
    }
    var shape = operand.shape
    if shape.count == 3 { shape.insert(1, at: 2) }
    let value = try scope.reshape(try scope.value(of: operand).value, to: Extents(shape))
    return try repeated(value, copies(x), &scope)
  }

  /// A value several times along its outermost axis.
  private static func repeated(
    _ value: Value, _ copies: Int, _ scope: inout ONNXScope
  ) throws -> Value {
    if copies == 1 { return value }
    let extents = scope.graph.extents(of: value).values
    try ONNXShape.checked([copies] + extents)
    let stack = try scope.graph.apply(Broadcast(to: Extents([copies] + extents), axes: [0]), value)
    return try scope.reshape(stack, to: Extents([copies * extents[0]] + extents.dropFirst()))
  }

  private static func adding(
    bias: ONNXOperand?, to value: Value, channels: Int, like x: ONNXOperand,
    _ scope: inout ONNXScope
  ) throws -> Value {
    guard let bias else { return value }
    guard bias.shape == [channels], !bias.isBatched else {
      throw ONNXProblem("its bias is \(Shape(bias.shape)), expected \(channels)")
    }
    return try scope.graph.addBias(
      value, try repeated(try scope.value(of: bias).value, copies(x), &scope))
  }

  private static func convolution(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let (x, w) = (try call.operand(0), try call.operand(1))
    guard x.rank >= 3, w.rank == x.rank else {
      throw ONNXProblem("it convolves \(Shape(x.shape)) with \(Shape(w.shape))")
    }
    let groups = try groups(call.node)
    let size = Array(x.shape.dropFirst(2))
    let window = try ONNXWindow(
      call.node, kernel: Array(w.shape.dropFirst(2)), rank: size.count)
    let weight = try weight(w, like: x, &scope)
    let (image, isBatched) = try scope.image(x)
    let product = try scope.graph.apply(
      Convolution(window.window(window.padding(over: size)), groups: groups * copies(x)), image,
      weight)
    let y = try adding(bias: call.optional(2), to: product, channels: w.shape[0], like: x, &scope)
    return try spatialResult(y, isBatched: isBatched, like: x, channels: w.shape[0], &scope)
  }

  private static func transposed(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let (x, w) = (try call.operand(0), try call.operand(1))
    guard x.rank >= 3, w.rank == x.rank else {
      throw ONNXProblem("it convolves \(Shape(x.shape)) with \(Shape(w.shape))")
    }
    let groups = try groups(call.node)
    let size = Array(x.shape.dropFirst(2))
    let window = try ONNXWindow(
      call.node, kernel: Array(w.shape.dropFirst(2)), rank: size.count)
    let extra =
      try call.node.sizes("output_padding", atLeast: 0) ?? .init(repeating: 0, count: size.count)
    let asked = try call.node.sizes("output_shape", atLeast: 1).map { Array($0.suffix(size.count)) }
    guard extra.count == size.count, asked.map({ $0.count == size.count }) ?? true else {
      throw ONNXProblem("its output sizes do not have one value for each spatial axis")
    }
    var crops: [(before: Int, after: Int)] = []
    for axis in size.indices {
      let full = window.strides[axis] * (size[axis] - 1) + window.reach(axis)
      var crop: (before: Int, after: Int)
      if let wanted = asked?[axis]
        ?? (window.autoPad.hasPrefix("SAME") ? size[axis] * window.strides[axis] : nil)
      {
        let total = full + extra[axis] - wanted
        let isSame = window.autoPad.hasPrefix("SAME")
        guard total >= 0 || !isSame && -total < window.strides[axis] else {
          // No reader takes as much padding as a stride.
          let isPadding = wanted - full < window.strides[axis]
          throw ONNXProblem(
            "its output is to be \(wanted), more than the \(full + extra[axis]) that its kernel reaches",
            hint: isPadding ? "say it by 'output_padding'" : nil)
        }
        // What is missing is added behind.
        let half = max(total, 0) / 2
        crop =
          window.autoPad == "SAME_UPPER" || total < 0 ? (half, total - half) : (total - half, half)
      } else {
        crop = window.autoPad == "VALID" ? (0, 0) : window.declaredPads[axis]
      }
      crop.after -= extra[axis]
      guard full - max(crop.before, 0) - max(crop.after, 0) >= 1 else {
        throw ONNXProblem("its padding removes everything")
      }
      crops.append(crop)
    }
    let inner = window.window(crops.map { (max($0.before, 0), max($0.after, 0)) })
    let sizes = size.indices.map { axis in
      window.strides[axis] * (size[axis] - 1) + window.reach(axis) - max(crops[axis].before, 0)
        - max(crops[axis].after, 0)
    }
    let channels = w.shape[1] * groups
    try ONNXShape.checked([channels] + sizes)
    let weight = try weight(w, like: x, &scope)
    let (image, isBatched) = try scope.image(x)
    let inputSize = sizes.count == 1 ? Window.Pair(1, sizes[0]) : Window.Pair(sizes[0], sizes[1])
    var y = try scope.graph.apply(
      ConvolutionInputGradient(
        Convolution(inner, groups: groups * copies(x)), inputSize: inputSize), image,
      weight)
    for (axis, crop) in crops.enumerated() where crop.before < 0 || crop.after < 0 {
      let position = sizes.count == 1 ? 3 : axis + 2
      try ONNXShape.checked([channels] + sizes + [max(-crop.before - crop.after, 1)])
      y = try scope.graph.apply(
        Pad(axis: position, before: max(-crop.before, 0), after: max(-crop.after, 0)), y)
    }
    y = try adding(bias: call.optional(2), to: y, channels: channels, like: x, &scope)
    return try spatialResult(y, isBatched: isBatched, like: x, channels: channels, &scope)
  }

  /// The result of an operator on images, in ONNX's shape.
  static func spatialResult(
    _ y: Value, isBatched: Bool, like x: ONNXOperand, channels: Int, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let extents = scope.graph.extents(of: y)
    let spatial = extents.values.suffix(x.rank == 3 ? 1 : 2)
    return try scope.result(
      y, isBatched: isBatched, shape: [x.shape[0], channels] + spatial)
  }
}
