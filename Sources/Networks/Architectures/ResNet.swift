import Graphs

// Residual networks for ImageNet (He et al. 2016) in torchvision's form.

extension Architecture {
  static let residualImageNet = [
    residualImageNet(18, blocks: [2, 2, 2, 2], isBottleneck: false),
    residualImageNet(34, blocks: [3, 4, 6, 3], isBottleneck: false),
    residualImageNet(50, blocks: [3, 4, 6, 3], isBottleneck: true),
  ]

  private static func residualImageNet(
    _ depth: Int, blocks: [Int], isBottleneck: Bool
  ) -> Architecture {
    let kind = isBottleneck ? "bottlenecks" : "basic blocks"
    return Architecture(
      "resnet\(depth)", "\(depth) layers in residual \(kind), for ImageNet (He 2016)",
      input: .imageNet
    ) {
      Convolve(64, kernel: 7, stride: 2, padding: 3, bias: .absent, start: .kaimingFanOut)
        .named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      MaxPooling(3, stride: 2, padding: 1)
      for (index, count) in blocks.enumerated() {
        Sequential.stage(count, stride: index == 0 ? 1 : 2) { stride in
          let projection = Projection(name: "downsample", start: .kaimingFanOut)
          return isBottleneck
            ? Bottleneck(channels: 64 << index, stride: stride, projection: projection)
            : BasicBlock(channels: 64 << index, stride: stride, projection: projection)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(1000).named("fc")
    }
  }
}

// Residual networks for CIFAR in the form of https://github.com/kuangliu/pytorch-cifar: those for ImageNet,
// beginning with a 3x3 convolution and without the first pooling.

extension Architecture {
  static let residualCIFAR = [
    residualCIFAR(18, blocks: [2, 2, 2, 2], isBottleneck: false),
    residualCIFAR(34, blocks: [3, 4, 6, 3], isBottleneck: false),
    residualCIFAR(50, blocks: [3, 4, 6, 3], isBottleneck: true),
  ]

  private static func residualCIFAR(
    _ depth: Int, blocks: [Int], isBottleneck: Bool
  ) -> Architecture {
    let kind = isBottleneck ? "bottlenecks" : "basic blocks"
    return Architecture(
      "resnet\(depth)-cifar", "\(depth) layers in residual \(kind), for 32x32 (He 2016)",
      input: .cifar10
    ) {
      Convolve(64, kernel: 3, padding: 1, bias: .absent).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      for (index, count) in blocks.enumerated() {
        Sequential.stage(count, stride: index == 0 ? 1 : 2) { stride in
          let projection = Projection(name: "shortcut", start: .uniform)
          return isBottleneck
            ? Bottleneck(channels: 64 << index, stride: stride, projection: projection)
            : BasicBlock(channels: 64 << index, stride: stride, projection: projection)
        }.named("layer\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(10).named("linear")
    }
  }
}

/// What a residual block adds to its result where the shapes differ.
struct Projection {
  /// The name of the layers, such as `shortcut` or `downsample`.
  let name: String
  let start: WeightInitialization

  /// The input itself where it fits, else a normalised 1x1 convolution of it.
  func apply(
    to x: Value, channels: Int, stride: Int, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    if stride == 1, context.graph.extents(of: x)[1] == channels { return x }
    let layers = Sequential {
      Convolve(channels, kernel: 1, stride: stride, bias: .absent, start: start)
      BatchNorm()
    }
    return try layers.apply(to: x, named: name + "." + self.name, in: &context)
  }
}

/// Two 3x3 convolutions around which the input is added (He, Zhang, Ren and Sun, "Deep residual learning for
/// image recognition", 2016, https://arxiv.org/abs/1512.03385).
struct BasicBlock: Layer {
  let channels: Int
  let stride: Int
  let projection: Projection

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let body = Sequential {
      Convolve(
        channels, kernel: 3, stride: stride, padding: 1, bias: .absent, start: projection.start
      ).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      Convolve(channels, kernel: 3, padding: 1, bias: .absent, start: projection.start)
        .named("conv2")
      BatchNorm().named("bn2")
    }
    let y = try body.apply(to: x, named: name, in: &context)
    let shortcut = try projection.apply(
      to: x, channels: channels, stride: stride, named: name, in: &context)
    return try context.graph.relu(try context.graph.add(y, shortcut))
  }
}

/// A 3x3 convolution between two 1x1 convolutions, the last with four times the channels, around which the
/// input is added; the stride is at the 3x3 convolution.
struct Bottleneck: Layer {
  let channels: Int
  let stride: Int
  let projection: Projection

  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let start = projection.start
    let body = Sequential {
      Convolve(channels, kernel: 1, bias: .absent, start: start).named("conv1")
      BatchNorm().named("bn1")
      ReLU()
      Convolve(channels, kernel: 3, stride: stride, padding: 1, bias: .absent, start: start)
        .named("conv2")
      BatchNorm().named("bn2")
      ReLU()
      Convolve(4 * channels, kernel: 1, bias: .absent, start: start).named("conv3")
      BatchNorm().named("bn3")
    }
    let y = try body.apply(to: x, named: name, in: &context)
    let shortcut = try projection.apply(
      to: x, channels: 4 * channels, stride: stride, named: name, in: &context)
    return try context.graph.relu(try context.graph.add(y, shortcut))
  }
}

extension Sequential {
  /// A number of blocks of which the first has the stride.
  static func stage(_ count: Int, stride: Int, _ block: (Int) -> any Layer) -> Sequential {
    Sequential((0..<count).map { block($0 == 0 ? stride : 1) })
  }
}

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

// The residual networks of He et al. (2016) for CIFAR, with 16 to 64 channels and shortcuts without
// parameters, with the names of https://github.com/akamaster/pytorch_resnet_cifar10.

extension Architecture {
  static let thinResidual = [8, 20, 32, 44, 56].map { depth in
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
