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
  let layers: @Sendable () -> [any Layer]

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
  /// - Parameters:
  ///   - tensors: The parameters by name.
  ///   - description: What the input means, of the same shape; by default what the form says.
  /// - Returns: The network.
  /// - Throws: `NetworkError.parameters` if they do not fit, as `Network.load(_:)`; `NetworkError.input` if the
  ///   description does not.
  public func network(
    loading tensors: [String: Tensor<Float>], input description: InputDescription? = nil
  ) throws -> Network {
    let input = description ?? input
    try input.validate()
    guard input.shape == self.input.shape, input.layout == self.input.layout else {
      throw NetworkError.input(
        "\(name) takes \(self.input.shape), channels first; it cannot take \(input.shape)"
          + (input.layout == .channelsFirst ? "" : ", channels last"))
    }
    let graph = try LayerContext(input: input, layers: Sequential(layers())).graph.finish()
    let network = Network(
      name, input: input, graph: graph,
      parameters: try Network.fitting(tensors, to: graph, architecture: name))
    guard input.classNames.isEmpty || input.classNames.count == max(2, network.outputCount) else {
      throw NetworkError.input(
        "there are \(input.classNames.count) class names, but \(network.outputCount) outputs")
    }
    return network
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
    + [baseKW, mobileNetV2, visionTransformer]

  /// The form of a given name, which may say another size, as `resnet20@3x64x64:2`.
  ///
  /// - Throws: `NetworkError.unknownArchitecture`; `NetworkError.input` where the form cannot have the size.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    if let sized = try sized(named: name) { return sized }
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name, known: all.map(\.name))
    }
    return found
  }
}
