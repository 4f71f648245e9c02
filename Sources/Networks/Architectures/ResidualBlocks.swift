import Graphs

/// What a residual block adds to its result where the shapes differ.
struct Projection {
  /// The name of the layers, such as `shortcut` or `downsample`.
  let name: String
  let start: WeightInitialization
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

extension Projection {
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

extension Sequential {
  /// A number of blocks of which the first has the stride.
  static func stage(_ count: Int, stride: Int, _ block: (Int) -> any Layer) -> Sequential {
    Sequential((0..<count).map { block($0 == 0 ? stride : 1) })
  }
}
