public import Graphs
import Tensors

/// A two-dimensional convolution with a bias; its input's channels are inferred.
///
/// Weight and bias start uniform within 1 / sqrt(fan-in), as PyTorch's do.
public struct Convolve: Layer {
  private let channels: Int
  private let window: Window
  private let groups: Int

  /// Creates a convolution with a square kernel.
  public init(
    _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) {
    self.channels = channels
    window = Window(kernel, stride: stride, padding: padding, dilation: dilation)
    self.groups = groups
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
    let bound = 1 / Float(shape.droppingFirst.count).squareRoot()
    let weight = context.parameter(name + ".weight", shape, bound: bound)
    let bias = context.parameter(name + ".bias", [channels], bound: bound)
    return try context.graph.convolution(x, weight: weight, bias: bias, window, groups: groups)
  }
}

/// A fully connected layer with a bias; the size of its input is inferred.
///
/// Weight and bias start uniform within 1 / sqrt(fan-in), as PyTorch's do.
public struct Linear: Layer {
  private let count: Int

  /// Creates a layer with `count` outputs.
  public init(_ count: Int) { self.count = count }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank == 2 else {
      throw .operands(operator: "linear", expected: "N x I", found: [extents])
    }
    let bound = 1 / Float(extents[1]).squareRoot()
    let weight = context.parameter(name + ".weight", [count, extents[1]], bound: bound)
    let bias = context.parameter(name + ".bias", [count], bound: bound)
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

/// All axes of an example as one.
public struct Flatten: Layer {
  /// Creates the layer.
  public init() {}

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try context.graph.flatten(x) }
}
