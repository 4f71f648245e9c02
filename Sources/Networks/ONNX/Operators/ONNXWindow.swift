import Graphs

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
