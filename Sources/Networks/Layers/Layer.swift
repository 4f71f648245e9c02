public import Graphs

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
  private let layers: [any Layer]

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
