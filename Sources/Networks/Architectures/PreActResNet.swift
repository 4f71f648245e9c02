import Graphs

// Pre-activation residual networks in the form of https://github.com/kuangliu/pytorch-cifar.

extension Architecture {
  static let preActivationCIFAR = [
    Architecture(
      "preactresnet18-cifar", "18 layers in pre-activation blocks, for 32x32 (He 2016)",
      input: .cifar10
    ) {
      Convolve(64, kernel: 3, padding: 1, bias: .absent).named("conv1")
      for index in 0..<4 {
        Sequential.stage(2, stride: index == 0 ? 1 : 2) {
          PreActivationBlock(channels: 64 << index, stride: $0)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(10).named("linear")
    }
  ]
}

/// Two 3x3 convolutions, each behind a normalisation and a ReLU, around which the input is added (He, Zhang,
/// Ren and Sun, "Identity mappings in deep residual networks", 2016, https://arxiv.org/abs/1603.05027).
private struct PreActivationBlock: Layer {
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
      Convolve(channels, kernel: 3, stride: stride, padding: 1, bias: .absent).named("conv1")
      BatchNorm().named("bn2")
      ReLU()
      Convolve(channels, kernel: 3, padding: 1, bias: .absent).named("conv2")
    }
    let activated = try entry.apply(to: x, named: name, in: &context)
    let y = try body.apply(to: activated, named: name, in: &context)
    if stride == 1, context.graph.extents(of: x)[1] == channels {
      return try context.graph.add(y, x)
    }
    // The projection is of the activated input, which the body has too.
    let projection = Convolve(channels, kernel: 1, stride: stride, bias: .absent)
    let shortcut = try projection.apply(
      to: activated, named: name + ".shortcut.0", in: &context)
    return try context.graph.add(y, shortcut)
  }
}
