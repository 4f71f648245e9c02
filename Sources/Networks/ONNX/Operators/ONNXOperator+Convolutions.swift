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

  /// What a convolution is made of, with the size of its input along the spatial axes.
  private static func parts(
    of call: ONNXCall
  ) throws -> (x: ONNXOperand, w: ONNXOperand, groups: Int, size: [Int], window: ONNXWindow) {
    let (x, w) = (try call.operand(0), try call.operand(1))
    guard x.rank >= 3, w.rank == x.rank else {
      throw ONNXProblem("it convolves \(Shape(x.shape)) with \(Shape(w.shape))")
    }
    let groups = try groups(call.node)
    let size = Array(x.shape.dropFirst(2))
    let window = try ONNXWindow(
      call.node, kernel: Array(w.shape.dropFirst(2)), rank: size.count)
    return (x, w, groups, size, window)
  }

  private static func convolution(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let (x, w, groups, size, window) = try parts(of: call)
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
    let (x, w, groups, size, window) = try parts(of: call)
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
            hint: isPadding ? "give it by 'output_padding'" : nil)
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

  /// Pooling under windows and over whole images.
  static let pooling: [String: ONNXOperator] = [
    "MaxPool": ONNXOperator(ONNXWindow.attributes.union(["ceil_mode", "storage_order"])) {
      scope, call in
      guard call.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
        throw ONNXProblem(
          "its second output, the positions of the largest values, is not supported")
      }
      return [
        try pool(&scope, call) { window, _ in .init(MaxPool(window)) }
      ]
    },
    "AveragePool": .one(ONNXWindow.attributes.union(["ceil_mode", "count_include_pad"])) {
      scope, call in
      let counts = try call.node.flag("count_include_pad")
      return try pool(&scope, call) { window, excess in
        .init(AveragePool(window, countsPadding: counts, uncounted: excess))
      }
    },
    "GlobalAveragePool": .one { scope, call in
      try global(&scope, call) { Reduce(axes: $0, isMean: true) }
    },
    "GlobalMaxPool": .one { scope, call in
      try global(&scope, call) { Extremum(axes: $0, isMaximum: true) }
    },
  ]

  private struct Pooling {
    let op: any Operator

    init(_ op: any Operator) { self.op = op }
  }

  private static func pool(
    _ scope: inout ONNXScope, _ call: ONNXCall,
    _ pooling: (_ window: Window, _ excess: Window.Pair) -> Pooling
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    let size = Array(x.shape.dropFirst(2))
    let window = try ONNXWindow(call.node, kernel: nil, rank: size.count)
    guard !window.autoPad.hasPrefix("SAME") || window.dilations.allSatisfy({ $0 == 1 }) else {
      throw ONNXProblem(
        "its attribute 'auto_pad' is \(window.autoPad) with dilations, which programs pad differently",
        hint: "write the padding out as 'pads'")
    }
    var padding = window.padding(over: size)
    var excess = [Int](repeating: 0, count: size.count)
    if try call.node.flag("ceil_mode") {
      excess = try window.excess(over: size, padding)
      for axis in size.indices { padding[axis].after += excess[axis] }
    }
    let (image, isBatched) = try scope.image(x)
    let pair = excess.count == 1 ? Window.Pair(0, excess[0]) : Window.Pair(excess[0], excess[1])
    let y = try scope.graph.apply(
      any: pooling(window.window(padding), pair).op, image)
    return try spatialResult(y, isBatched: isBatched, like: x, channels: x.shape[1], &scope)
  }

  private static func global(
    _ scope: inout ONNXScope, _ call: ONNXCall, _ reduction: ([Int]) -> any Operator
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    guard x.rank >= 3 else {
      throw ONNXProblem("it pools \(Shape(x.shape)); expected N x C and spatial axes")
    }
    let spatial = Array(2..<x.rank)
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: spatial)
    let y = try scope.graph.apply(any: reduction(spatial.map { $0 + offset }), value)
    return try scope.result(
      y, isBatched: isBatched,
      shape: Array(x.shape.prefix(2)) + spatial.map { _ in 1 })
  }
}

extension GraphBuilder {
  /// Applies an operator whose type is not known.
  mutating func apply(any op: any Operator, _ operands: Value...) throws(GraphError) -> Value {
    try apply(op, to: operands)
  }
}

/// The attributes of a sliding window, along the one or two spatial axes of its operand.
struct ONNXWindow {
  static let attributes: Set<String> = [
    "auto_pad", "dilations", "kernel_shape", "pads", "strides",
  ]

  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  private let pads: [Int]
  let autoPad: String

  /// Reads the attributes.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - kernel: The kernel's extents if an operand has them.
  ///   - rank: The number of spatial axes.
  /// - Throws: `ONNXProblem` if they do not fit one another.
  init(_ node: ONNXNode, kernel: [Int]?, rank: Int) throws {
    guard 1...2 ~= rank else {
      throw ONNXProblem("it has \(rank) spatial axes; expected one or two")
    }
    let given = try node.sizes("kernel_shape", atLeast: 1)
    guard let kernel = kernel ?? given, given ?? kernel == kernel else {
      throw ONNXProblem("its attribute 'kernel_shape' is missing or does not fit its weight")
    }
    self.kernel = kernel
    strides = try node.sizes("strides", atLeast: 1) ?? .init(repeating: 1, count: rank)
    dilations = try node.sizes("dilations", atLeast: 1) ?? .init(repeating: 1, count: rank)
    pads = try node.sizes("pads", atLeast: 0) ?? .init(repeating: 0, count: 2 * rank)
    autoPad = try node.text("auto_pad") ?? "NOTSET"
    guard kernel.count == rank, strides.count == rank, dilations.count == rank,
      pads.count == 2 * rank, kernel.allSatisfy({ 1...ONNXNode.sizeLimit ~= $0 })
    else { throw ONNXProblem("its attributes do not have one value for each spatial axis") }
    guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(autoPad) else {
      throw ONNXProblem("its attribute 'auto_pad' is \(autoPad.quoted)")
    }
  }

  /// The extent that the dilated kernel covers along an axis.
  func reach(_ axis: Int) -> Int { dilations[axis] * (kernel[axis] - 1) + 1 }

  var declaredPads: [(before: Int, after: Int)] {
    kernel.indices.map { (pads[$0], pads[$0 + kernel.count]) }
  }

  /// The padding over inputs of a size.
  func padding(over size: [Int]) -> [(before: Int, after: Int)] {
    kernel.indices.map { axis in
      switch autoPad {
      case "NOTSET": return declaredPads[axis]
      case "VALID": return (0, 0)
      default:
        let count = (size[axis] + strides[axis] - 1) / strides[axis]
        let total = max((count - 1) * strides[axis] + reach(axis) - size[axis], 0)
        let less = total / 2
        return autoPad == "SAME_UPPER" ? (less, total - less) : (total - less, less)
      }
    }
  }

  /// What has to be added behind so that the number of positions is rounded up, never by one that begins in
  /// the padding.
  func excess(over size: [Int], _ padding: [(before: Int, after: Int)]) throws -> [Int] {
    try kernel.indices.map { axis in
      let padded = size[axis] + padding[axis].before + padding[axis].after
      guard padded >= reach(axis) else {
        throw ONNXProblem(
          "its window does not fit into \(size.map(String.init).joined(separator: "x"))")
      }
      let stride = strides[axis]
      var steps = (padded - reach(axis) + stride - 1) / stride
      if steps * stride >= size[axis] + padding[axis].before { steps -= 1 }
      return max(steps * stride + reach(axis) - padded, 0)
    }
  }

  /// The window over two spatial axes; a single axis is the width of images of one row.
  func window(_ padding: [(before: Int, after: Int)]) -> Window {
    func pair(_ values: [Int], _ first: Int) -> Window.Pair {
      values.count == 1 ? Window.Pair(first, values[0]) : Window.Pair(values[0], values[1])
    }
    return Window(
      kernel: pair(kernel, 1), stride: pair(strides, 1),
      paddingBefore: pair(padding.map(\.before), 0), paddingAfter: pair(padding.map(\.after), 0),
      dilation: pair(dilations, 1))
  }
}

extension ONNXScope {
  /// An operand as N x C x H x W or, if it is not batched, B x C x H x W.
  ///
  /// An example of several images is one of as many times the channels.
  ///
  /// - Parameter operand: B x C x H x W or B x C x W.
  /// - Returns: The value, and whether it is batched.
  /// - Throws: `ONNXProblem` if it has other axes.
  mutating func image(
    _ operand: ONNXOperand
  ) throws -> (value: Value, isBatched: Bool) {
    guard 3...4 ~= operand.rank else {
      throw ONNXProblem(
        "it has an input with \(operand.rank) axes; expected N x C x H x W or N x C x W")
    }
    let (value, isBatched) = try value(of: operand)
    var shape = operand.shape
    if isBatched, shape[0] != 1 {
      shape = [1, shape[0] * shape[1]] + shape.dropFirst(2)
    }
    if shape.count == 3 { shape.insert(1, at: 2) }
    let extents = isBatched ? Extents([Extents.batch] + shape.dropFirst()) : Extents(shape)
    return (try reshape(value, to: extents), isBatched)
  }
}
