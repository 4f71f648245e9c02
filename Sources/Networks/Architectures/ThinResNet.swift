import Graphs

// The residual networks of He et al. (2016) for CIFAR, with 16 to 64 channels and shortcuts without
// parameters, with the names of https://github.com/akamaster/pytorch_resnet_cifar10.

extension Architecture {
  static let thinResidual = [20, 32, 44, 56].map { depth in
    Architecture(
      "resnet\(depth)", "\(depth) thin layers in residual blocks, for 32x32 (He 2016)",
      input: .cifar10
    ) {
      Convolve(16, kernel: 3, padding: 1, bias: .absent, start: .kaimingFanIn).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      for index in 0..<3 {
        Sequential.stage((depth - 2) / 6, stride: index == 0 ? 1 : 2) {
          ThinBlock(channels: 16 << index, stride: $0)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(10, start: .kaimingFanIn).named("linear")
    }
  }
}

/// Two 3x3 convolutions around which the input is added; where shapes differ, every second row and column of
/// it with channels of zeros around (option A).
private struct ThinBlock: Layer {
  let channels: Int
  let stride: Int

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let body = Sequential {
      Convolve(
        channels, kernel: 3, stride: stride, padding: 1, bias: .absent, start: .kaimingFanIn
      ).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      Convolve(channels, kernel: 3, padding: 1, bias: .absent, start: .kaimingFanIn).named("conv2")
      BatchNorm().named("bn2")
    }
    let y = try body.apply(to: x, named: name, in: &context)
    var shortcut = x
    let inputs = context.graph.extents(of: x)[1]
    if inputs != channels {
      // The mean over one element is that element.
      shortcut = try context.graph.apply(AveragePool(Window(1, stride: stride)), x)
      let before = channels / 4
      shortcut = try context.graph.apply(
        Pad(axis: 1, before: before, after: channels - inputs - before), shortcut)
    }
    return try context.graph.relu(try context.graph.add(y, shortcut))
  }
}
