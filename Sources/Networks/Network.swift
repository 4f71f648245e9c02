public import Graphs
public import Tensors

/// A classifier: a graph from input `x` to output `logits`, its parameters, and what its input means.
public struct Network: Sendable {
  /// The name of the graph's input, one example per row.
  public static let inputName = "x"
  /// The name of the graph's output, one row of class scores per example.
  public static let outputName = "logits"

  /// The name of the architecture.
  public let architecture: String
  /// What the input means; normalisation, if any, is part of the graph.
  public let input: InputDescription
  /// The graph.
  public let graph: Graph
  /// A tensor for each of the graph's parameters.
  public private(set) var parameters: [String: Tensor<Float>]

  /// Creates a network of layers applied one after the other, with fresh parameters.
  ///
  /// Parameters are named by the layer's position, such as `0.weight`, as in PyTorch's `Sequential`.
  ///
  /// - Parameters:
  ///   - architecture: A name to be known by.
  ///   - input: What the input means.
  ///   - seed: Determines the parameters.
  ///   - layers: The layers.
  /// - Throws: `GraphError.operands` if a layer does not fit the one before.
  public init(
    _ architecture: String, input: InputDescription, seed: UInt64,
    @LayerBuilder layers: () -> [any Layer]
  ) throws(GraphError) {
    var context = LayerContext(key: RandomKey(seed: seed).child("parameters"))
    var x = context.graph.input(Network.inputName, Extents(batchOf: input.shape))
    if !input.mean.isEmpty {
      let scale = Tensor(input.standardDeviation.map { 1 / $0 }, shape: [input.mean.count])
      let shift = Tensor(
        zip(input.mean, input.standardDeviation).map { -$0 / $1 }, shape: [input.mean.count])
      let factor = try context.graph.perChannel(context.graph.constant(scale), like: x)
      x = try context.graph.multiply(x, factor)
      x = try context.graph.addBias(x, context.graph.constant(shift))
    }
    for (index, layer) in layers().enumerated() {
      x = try layer.apply(to: x, named: String(index), in: &context)
    }
    let extents = context.graph.extents(of: x)
    guard extents.rank == 2, extents.isBatched else {
      throw .operands(operator: "classifier", expected: "a row of scores", found: [extents])
    }
    context.graph.output(Network.outputName, x)
    self.architecture = architecture
    self.input = input
    graph = context.graph.finish()
    parameters = context.parameters
  }

  /// Number of outputs.
  public var outputCount: Int {
    graph.outputs.first.map { graph[$0.value].extents.values[1] } ?? 0
  }

  /// Number of trained values.
  public var parameterCount: Int { parameters.values.reduce(0) { $0 + $1.count } }

  /// The names of the parameters in the order of the graph.
  public var parameterNames: [String] { graph.parameters.map(\.name) }

  /// Replaces all parameters.
  ///
  /// - Throws: `NetworkError.parameters` with the names and shapes that are missing, surplus or misfit;
  ///   the network is unchanged then.
  public mutating func load(_ tensors: [String: Tensor<Float>]) throws(NetworkError) {
    var problems: [String] = []
    for name in parameterNames {
      guard let own = parameters[name] else { continue }
      guard let other = tensors[name] else {
        problems.append("\(name) (\(own.shape)) is missing")
        continue
      }
      if own.shape != other.shape {
        problems.append("\(name) is \(other.shape) instead of \(own.shape)")
      }
    }
    for name in tensors.keys.sorted() where parameters[name] == nil {
      problems.append("\(name) is surplus")
    }
    guard problems.isEmpty else {
      throw .parameters(architecture: architecture, problems: problems)
    }
    parameters = tensors
  }
}
