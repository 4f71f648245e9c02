import Dispatch
public import Graphs
import Platform
public import Tensors

/// A part of a network: it adds nodes to a graph and declares its parameters.
public protocol Layer: Sendable {
  /// Adds the layer to a graph.
  ///
  /// - Parameters:
  ///   - x: The layer's input.
  ///   - name: What the names of its parameters begin with, such as `layer1.0`; empty for a whole network.
  ///   - context: The graph and its parameters.
  /// - Returns: The layer's output.
  /// - Throws: `GraphError.operands` if the layer does not fit its input.
  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value
}

extension Layer {
  /// The layer under a name of its own in place of its position in a list; an empty one is the list's.
  public func named(_ name: String) -> NamedLayer { NamedLayer(name: name, layer: self) }
}

/// A layer that is known by a name in a list of layers.
public struct NamedLayer: Layer {
  let name: String
  let layer: any Layer

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value { try layer.apply(to: x, named: name, in: &context) }
}

/// Layers applied one after the other, named by their positions unless they have names of their own.
///
/// The layer at position 2 of `features` has parameters such as `features.2.weight`, as in PyTorch's
/// `Sequential`.
public struct Sequential: Layer {
  let layers: [any Layer]

  /// Creates a layer from a list written one below the other.
  public init(@LayerBuilder layers: () -> [any Layer]) { self.layers = layers() }

  /// Creates a layer from a list.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// Adds the layers to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    var x = x
    for (index, layer) in layers.enumerated() {
      let own = (layer as? NamedLayer)?.name ?? String(index)
      let path = [name, own].filter { !$0.isEmpty }.joined(separator: ".")
      x = try layer.apply(to: x, named: path, in: &context)
    }
    return x
  }
}

/// A list of layers written one below the other, with `if` and `for`.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }

  /// The layers of a list.
  public static func buildBlock(_ layers: [any Layer]...) -> [any Layer] { layers.flatMap { $0 } }

  /// The layers of an `if`, or none.
  public static func buildOptional(_ layers: [any Layer]?) -> [any Layer] { layers ?? [] }

  /// The layers of an `if`.
  public static func buildEither(first layers: [any Layer]) -> [any Layer] { layers }

  /// The layers of an `else`.
  public static func buildEither(second layers: [any Layer]) -> [any Layer] { layers }

  /// The layers of a `for`.
  public static func buildArray(_ layers: [[any Layer]]) -> [any Layer] { layers.flatMap { $0 } }
}

/// A graph under construction together with how its parameters begin.
public struct LayerContext: Sendable {
  /// The graph.
  public var graph = GraphBuilder()
  private var declared: [(name: String, shape: Shape, start: Initialization)] = []

  /// Creates the context of an empty graph.
  public init() {}

  /// Declares a parameter.
  ///
  /// - Parameters:
  ///   - name: Its name in files, such as `layer1.0.conv1.weight`.
  ///   - shape: Its shape.
  ///   - start: Its values before training.
  /// - Returns: Its value in the graph.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ start: Initialization
  ) -> Value {
    declared.append((name, shape, start))
    return graph.parameter(name, shape)
  }

  /// The first values of all parameters, each drawn from a key of its own name.
  func drawParameters(_ key: RandomKey) -> [String: Tensor<Float>] {
    var parameters: [String: Tensor<Float>] = [:]
    for (name, shape, start) in declared {
      parameters[name] = start.draw(shape, from: key.child(name))
    }
    return parameters
  }
}

/// How the values of a parameter begin.
public enum Initialization: Hashable, Sendable {
  /// One value everywhere.
  case constant(Float)
  /// Uniform in [-bound, bound].
  case uniform(bound: Float)
  /// Normal with mean 0.
  case normal(deviation: Float)

  func draw(_ shape: Shape, from key: RandomKey) -> Tensor<Float> {
    switch self {
    case .constant(let value):
      return Tensor(repeating: value, shape: shape)
    case .uniform(let bound):
      var generator = key.generator
      return generator.uniforms(shape).map { (2 * $0 - 1) * bound }
    case .normal(let deviation):
      return Tensor(shape: shape) { Initialization.fill($0, from: key, deviation: deviation) }
    }
  }

  /// Normal numbers in parts with a key each, so that all processors draw a large weight.
  private static func fill(
    _ target: UnsafeMutableBufferPointer<Float>, from key: RandomKey, deviation: Float
  ) {
    let size = 1 << 16
    // The parts do not overlap.
    nonisolated(unsafe) let target = target
    DispatchQueue.concurrentPerform(iterations: (target.count + size - 1) / size) { part in
      var generator = key.child(part).generator
      let range = part * size..<min((part + 1) * size, target.count)
      for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
        // Box and Muller, in single precision.
        let radius = deviation * (-2 * logf(1 - generator.uniform())).squareRoot()
        let angle = 2 * Float.pi * generator.uniform()
        target[index] = radius * cosf(angle)
        if index + 1 < range.upperBound { target[index + 1] = radius * sinf(angle) }
      }
    }
  }
}

/// How the weight of a convolution or linear layer begins.
public enum WeightInitialization: Hashable, Sendable {
  /// Uniform within 1 / sqrt(fan-in), as PyTorch's layers begin.
  case uniform
  /// Normal with variance 2 / fan-in, which keeps the size of values through ReLUs.
  ///
  /// He, Zhang, Ren and Sun, 2015, https://arxiv.org/abs/1502.01852.
  case kaimingFanIn
  /// Normal with variance 2 / fan-out, which keeps the size of gradients through ReLUs.
  case kaimingFanOut
  /// Normal with a standard deviation.
  case normal(Float)
  /// Zeros.
  case zeros

  /// For a weight of outputs x inputs (x kernel height x kernel width).
  func start(of shape: Shape) -> Initialization {
    let fanIn = Float(shape.droppingFirst.count)
    let kernel = Float(shape.extents.dropFirst(2).reduce(1, *))
    return switch self {
    case .uniform: .uniform(bound: 1 / fanIn.squareRoot())
    case .kaimingFanIn: .normal(deviation: (2 / fanIn).squareRoot())
    case .kaimingFanOut: .normal(deviation: (2 / (Float(shape[0]) * kernel)).squareRoot())
    case .normal(let deviation): .normal(deviation: deviation)
    case .zeros: .constant(0)
    }
  }
}

/// Whether a convolution or linear layer has a bias, and how it begins.
public enum Bias: Hashable, Sendable {
  /// It has none.
  case absent
  /// Uniform within 1 / sqrt(fan-in), as PyTorch's layers begin.
  case uniform
  /// Zeros.
  case zeros

  /// For a layer with a weight of outputs x inputs (x kernel height x kernel width).
  func start(weight shape: Shape) -> Initialization? {
    switch self {
    case .absent: nil
    case .uniform: WeightInitialization.uniform.start(of: shape)
    case .zeros: .constant(0)
    }
  }
}
