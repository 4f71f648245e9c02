import Graphs

// Wide residual networks (Zagoruyko and Komodakis, 2016, https://arxiv.org/abs/1605.07146) with the names of
// https://github.com/yaodongyu/TRADES, without dropout.

extension Architecture {
  static let wideResidual = [wideResidual(depth: 28), wideResidual(depth: 34)]

  private static func wideResidual(depth: Int) -> Architecture {
    let width = 10
    return Architecture(
      "wideresnet-\(depth)-\(width)",
      "\(depth) layers in wide pre-activation blocks, for 32x32 (Zagoruyko 2016)", input: .cifar10
    ) {
      Convolve(16, kernel: 3, padding: 1, bias: .absent, start: .kaimingFanOut).named("conv1")
      for index in 0..<3 {
        Sequential {
          Sequential.stage((depth - 4) / 6, stride: index == 0 ? 1 : 2) {
            WideBlock(channels: width * 16 << index, stride: $0)
          }.named("layer")
        }.named("block\(index + 1)")
      }
      BatchNorm().named("bn1")
      ReLU()
      GlobalAveragePooling()
      Linear(10, bias: .zeros).named("fc")
    }
  }
}

/// Two 3x3 convolutions behind normalisations and ReLUs, around which the input is added, or a projection of
/// the activated input where the number of channels differs.
private struct WideBlock: Layer {
  let channels: Int
  let stride: Int

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let entry = Sequential {
      BatchNorm().named("bn1")
      ReLU()
    }
    let body = Sequential {
      Convolve(
        channels, kernel: 3, stride: stride, padding: 1, bias: .absent, start: .kaimingFanOut
      ).named("conv1")
      BatchNorm().named("bn2")
      ReLU()
      Convolve(channels, kernel: 3, padding: 1, bias: .absent, start: .kaimingFanOut)
        .named("conv2")
    }
    let activated = try entry.apply(to: x, named: name, in: &context)
    let y = try body.apply(to: activated, named: name, in: &context)
    if context.graph.extents(of: x)[1] == channels { return try context.graph.add(x, y) }
    let projection = Convolve(
      channels, kernel: 1, stride: stride, bias: .absent, start: .kaimingFanOut)
    let shortcut = try projection.apply(
      to: activated, named: name + ".convShortcut", in: &context)
    return try context.graph.add(shortcut, y)
  }
}
