public import Graphs
public import Tensors

/// A network's form, known by a name under which checkpoints are read again.
///
/// Forms cost nothing until a network is asked for.
public struct Architecture: Sendable {
  /// The name.
  public let name: String
  /// One line for people.
  public let summary: String
  /// What its input means.
  public let input: InputDescription
  private let layers: @Sendable () -> [any Layer]

  /// Creates a form from layers applied one after the other.
  public init(
    _ name: String, _ summary: String, input: InputDescription,
    @LayerBuilder layers: @escaping @Sendable () -> [any Layer]
  ) {
    self.name = name
    self.summary = summary
    self.input = input
    self.layers = layers
  }

  /// A network of this form with fresh parameters.
  ///
  /// - Throws: `GraphError` if the form is inconsistent, which tests exclude for all known ones.
  public func network(seed: UInt64) throws(GraphError) -> Network {
    try Network(name, input: input, seed: seed, layers: layers)
  }

  /// A network of this form with given parameters; none are drawn.
  ///
  /// - Throws: `NetworkError.parameters` if they do not fit, as `Network.load(_:)`.
  public func network(loading tensors: [String: Tensor<Float>]) throws -> Network {
    let graph = try graph()
    return Network(
      name, input: input, graph: graph,
      parameters: try Network.fitting(tensors, to: graph, architecture: name))
  }

  /// The form's graph, without parameters' values.
  ///
  /// - Throws: As `network(seed:)`.
  public func graph() throws(GraphError) -> Graph {
    try LayerContext(input: input, layers: Sequential(layers())).graph.finish()
  }

  /// All known forms.
  public static let all: [Architecture] =
    digits + residualCIFAR + preActivationCIFAR + wideResidual + thinResidual + vgg
    + residualImageNet
    + [mobileNetV2, visionTransformer]

  /// The form of a given name.
  ///
  /// - Throws: `NetworkError.unknownArchitecture`.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name, known: all.map(\.name))
    }
    return found
  }
}
