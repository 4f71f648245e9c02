public import Graphs
import Tensors

/// A two-dimensional convolution; its input's channels are inferred.
public struct Convolve: Layer {
  private let channels: Int
  private let window: Window
  private let groups: Int
  private let bias: Bias
  private let start: WeightInitialization

  /// Creates a convolution with a square kernel; weight and bias begin as PyTorch's do unless said otherwise.
  public init(
    _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bias = .uniform, start: WeightInitialization = .uniform
  ) {
    self.channels = channels
    window = Window(kernel, stride: stride, padding: padding, dilation: dilation)
    self.groups = groups
    self.bias = bias
    self.start = start
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 4, extents[1] % groups == 0 else {
      throw .operands(
        operator: "convolution", expected: "N x C x H x W with C a multiple of \(groups)",
        found: [extents])
    }
    let shape: Shape = [
      channels, extents[1] / groups, window.kernel.height, window.kernel.width,
    ]
    let weight = context.parameter(name + ".weight", shape, start.start(of: shape))
    let bias = bias.start(weight: shape).map {
      context.parameter(name + ".bias", [channels], $0)
    }
    return try context.graph.convolution(x, weight: weight, bias: bias, window, groups: groups)
  }
}

/// A fully connected layer; the size of its input is inferred.
public struct Linear: Layer {
  private let count: Int
  private let bias: Bias
  private let start: WeightInitialization

  /// Creates a layer with `count` outputs; weight and bias begin as PyTorch's do unless said otherwise.
  public init(_ count: Int, bias: Bias = .uniform, start: WeightInitialization = .uniform) {
    self.count = count
    self.bias = bias
    self.start = start
  }

  /// The same layer with another number of outputs.
  func with(outputs count: Int) -> Linear { Linear(count, bias: bias, start: start) }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 2 else {
      throw .operands(operator: "linear", expected: "N x I", found: [extents])
    }
    let shape: Shape = [count, extents[1]]
    let weight = context.parameter(name + ".weight", shape, start.start(of: shape))
    let bias = bias.start(weight: shape).map { context.parameter(name + ".bias", [count], $0) }
    return try context.graph.linear(x, weight: weight, bias: bias)
  }
}

/// max(x, 0).
public struct ReLU: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.relu(x) }
}

/// min(max(x, 0), 6).
public struct ReLU6: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.relu6(x) }
}

/// Any elementwise function of `Graphs`, such as `Activation(.tanh)`.
public struct Activation: Layer {
  private let function: Elementwise.Function

  /// Creates a layer that applies a function to each element.
  public init(_ function: Elementwise.Function) { self.function = function }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.apply(Elementwise(function), x) }
}

/// The largest value under a window.
public struct MaxPooling: Layer {
  private let window: Window

  /// Creates a pooling with a square window that moves by its own size unless said otherwise.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    window = Window(size, stride: stride ?? size, padding: padding)
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.apply(MaxPool(window), x) }
}

/// The mean under a window.
public struct AveragePooling: Layer {
  private let window: Window

  /// Creates a pooling with a square window that moves by its own size unless said otherwise.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    window = Window(size, stride: stride ?? size, padding: padding)
  }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.apply(AveragePool(window), x) }
}

/// The mean over height and width: N x C x H x W -> N x C.
public struct GlobalAveragePooling: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 4 else {
      throw .operands(
        operator: "global average pooling", expected: "N x C x H x W", found: [extents])
    }
    return try context.graph.globalAveragePool(x)
  }
}

/// All axes of an example as one.
public struct Flatten: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.flatten(x) }
}

/// Batch normalisation, one scale and shift per channel.
///
/// Its parameters are `weight` and `bias`, which begin as 1 and 0, and the statistics `running_mean` and
/// `running_var`, which are not trained but follow the batches seen in training
/// (`Graph.normalizingBatches`). Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167.
public struct BatchNorm: Layer {
  private let epsilon: Float

  /// Creates a normalisation; epsilon is added to the variance.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank >= 2 else {
      throw .operands(
        operator: "batch normalisation", expected: "N x C x ...", found: [extents])
    }
    let shape: Shape = [extents[1]]
    let scale = context.parameter(name + ".weight", shape, .constant(1))
    let shift = context.parameter(name + ".bias", shape, .constant(0))
    let mean = context.parameter(name + ".running_mean", shape, .constant(0))
    let variance = context.parameter(name + ".running_var", shape, .constant(1))
    return try context.graph.batchNorm(
      x, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
  }
}

/// Layer normalisation over the channels of every position, with one scale and shift per channel.
///
/// Its parameters are `weight` and `bias`, which begin as 1 and 0. Ba, Kiros and Hinton, 2016,
/// https://arxiv.org/abs/1607.06450.
public struct LayerNorm: Layer {
  private let epsilon: Float

  /// Creates a normalisation; epsilon is added to the variance.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank >= 2 else {
      throw .operands(
        operator: "layer normalisation", expected: "N x C x ...", found: [extents])
    }
    let scale = context.parameter(name + ".weight", [extents[1]], .constant(1))
    let shift = context.parameter(name + ".bias", [extents[1]], .constant(0))
    return try context.graph.layerNorm(x, scale: scale, shift: shift, epsilon: epsilon)
  }
}
