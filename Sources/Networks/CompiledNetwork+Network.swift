public import Engine
public import Graphs
public import Models

extension CompiledNetwork {
  /// Prepares a network; plans are compiled when a batch size first occurs.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - isFrozen: Whether its parameters never change, which allows more to be computed beforehand.
  ///   - policy: How the algorithms of convolutions are chosen.
  ///   - use: Whether batches or single examples shall be fast.
  ///   - memory: What plans may allocate.
  /// - Throws: `GraphError` if the network's graph has no output of scores.
  public convenience init(
    _ network: Network, isFrozen: Bool = true, algorithms policy: Algorithms.Policy = .fastest,
    for use: Algorithms.Use = .batches, memory: MemoryLimit = .system
  ) throws(GraphError) {
    try self.init(
      graph: network.graph, parameters: network.parameters, input: Network.inputName,
      output: Network.outputName, inputShape: network.input.shape, bounds: network.input.bounds,
      isFrozen: isFrozen, algorithms: policy, for: use, memory: memory)
  }
}

extension NetworkDefinition {
  /// Creates the definition of a network whose parameters stay as they are.
  ///
  /// - Throws: `GraphError` if the network's graph has no output of scores.
  public convenience init(_ network: Network) throws(GraphError) {
    try self.init(
      graph: network.graph, parameters: network.parameters, input: Network.inputName,
      output: Network.outputName, inputShape: network.input.shape, bounds: network.input.bounds)
  }
}
