public import Engine
import Files
public import Graphs
public import Models
import Synchronization
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

  /// What runs the network as it is, once it was asked for.
  private var compilation = Compilation()

  /// The names of parameters that are not trained but measured: running means and variances of batch
  /// normalisations.
  public let statisticNames: Set<String>

  /// What the input and the output are called in the ONNX file that the network comes from, and in those that are
  /// written of it.
  public package(set) var interface = Interface()

  /// What a network's input and output are called in ONNX.
  public struct Interface: Hashable, Sendable {
    /// The name of the input.
    public var input = "input"
    /// The name of the output, a row of scores for each example.
    public var output = "logits"

    /// The usual names.
    public init() {}

    /// Names of a file.
    public init(input: String, output: String) {
      self.input = input
      self.output = output
    }
  }

  /// Creates a network of layers applied one after the other, with fresh parameters.
  ///
  /// Parameters are named by the layers' positions, such as `0.weight`, as in PyTorch's `Sequential`, unless
  /// the layers have names.
  ///
  /// - Parameters:
  ///   - architecture: A name to be known by.
  ///   - input: What the input means.
  ///   - seed: Determines the parameters.
  ///   - layers: The layers.
  /// - Throws: `GraphError.operands` if a layer does not fit the one before, `GraphError.duplicateName` if two
  ///   parameters have one name.
  public init(
    _ architecture: String, input: InputDescription, seed: UInt64,
    @LayerBuilder layers: () -> [any Layer]
  ) throws(GraphError) {
    let context = try LayerContext(input: input, layers: Sequential(layers()))
    self.init(
      architecture, input: input, graph: context.graph.finish(),
      parameters: context.drawParameters(RandomKey(seed: seed).child("parameters")))
  }

  /// Creates a network from its parts; `parameters` has a tensor for each of the graph's.
  init(
    _ architecture: String, input: InputDescription, graph: Graph,
    parameters: [String: Tensor<Float>], interface: Interface = Interface()
  ) {
    self.interface = interface
    self.architecture = architecture
    self.input = input
    self.graph = graph
    self.parameters = parameters
    statisticNames = graph.statisticNames
  }

  /// The same network with its batch normalisations in training form; see `Graph.normalizingBatches()`.
  ///
  /// - Throws: As that.
  package func normalizingBatches() throws(GraphError) -> Network {
    Network(
      architecture, input: input,
      graph: try graph.normalizingBatches().graph.selecting(outputs: [Network.outputName]),
      parameters: parameters, interface: interface)
  }

  /// Number of outputs.
  public var outputCount: Int {
    graph.outputs.first.map { graph[$0.value].extents.values[1] } ?? 0
  }

  /// Number of trained values.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + (statisticNames.contains($1.key) ? 0 : $1.value.count) }
  }

  /// The names of the parameters in the order of the graph, statistics included.
  public var parameterNames: [String] { graph.parameters.map(\.name) }

  /// The names of the parameters that are trained, in the order of the graph.
  public var trainedNames: [String] { parameterNames.filter { !statisticNames.contains($0) } }

  /// Replaces all parameters.
  ///
  /// PyTorch's counts of batches, `num_batches_tracked`, are ignored where there is such a normalisation.
  ///
  /// - Throws: `NetworkError.parameters` with the names and shapes that are missing, surplus or misfit;
  ///   the network is unchanged then.
  public mutating func load(_ tensors: [String: Tensor<Float>]) throws(NetworkError) {
    parameters = try Network.fitting(tensors, to: graph, architecture: architecture)
    compilation = Compilation()
  }

  /// The network made ready to run, with parameters that never change; made once for the network and its copies.
  ///
  /// - Throws: `GraphError` if the graph has no output of scores.
  public func compiled() throws(GraphError) -> CompiledNetwork { try compilation.model(of: self) }

  /// A compiled network that is made when it is first asked for.
  private final class Compilation: Sendable {
    private let made = Mutex<CompiledNetwork?>(nil)

    func model(of network: Network) throws(GraphError) -> CompiledNetwork {
      // Under the lock, so that callers at the same moment share one.
      try made.withLock { made throws(GraphError) in
        if let made { return made }
        let model = try CompiledNetwork(network)
        made = model
        return model
      }
    }
  }

  /// The tensors that a graph's parameters need, of some that must be just these.
  static func fitting(
    _ tensors: [String: Tensor<Float>], to graph: Graph, architecture: String
  ) throws(NetworkError) -> [String: Tensor<Float>] {
    var problems: [String] = []
    var result = tensors
    let statistics = graph.statisticNames
    for name in tensors.keys where name.hasSuffix(".num_batches_tracked") {
      let layer = name.dropLast("num_batches_tracked".count)
      if statistics.contains(layer + "running_mean") { result[name] = nil }
    }
    let own = graph.parameters
    for (name, value) in own {
      let shape = graph[value].extents.shape(batch: 1)
      guard let other = result[name] else {
        problems.append("\(name) (\(shape)) is missing")
        continue
      }
      if other.shape != shape { problems.append("\(name) is \(other.shape) instead of \(shape)") }
    }
    let names = Set(own.map(\.name))
    for (name, tensor) in result.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
      problems.append("\(name) (\(tensor.shape)) is surplus")
    }
    guard problems.isEmpty else {
      throw .parameters(architecture: architecture, problems: problems)
    }
    return result
  }
}

extension LayerContext {
  /// The graph of layers behind an input, which is normalised first if its description says so.
  init(input: InputDescription, layers: Sequential) throws(GraphError) {
    self.init()
    var x = graph.input(Network.inputName, Extents(batchOf: input.shape))
    x = try input.prepare(x, in: &graph)
    x = try layers.apply(to: x, named: "", in: &self)
    let extents = graph.extents(of: x)
    guard extents.rank == 2, extents.isBatched else {
      throw .operands(operator: "classifier", expected: "a row of scores", found: [extents])
    }
    graph.output(Network.outputName, x)
    var names: Set<String> = []
    for (name, _) in graph.finish().parameters where !names.insert(name).inserted {
      throw .duplicateName(name, kind: "input or parameter")
    }
  }
}

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

/// Why a network cannot be had.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// The parameters do not fit the architecture.
  case parameters(architecture: String, problems: [String])
  /// No architecture of this name is known.
  case unknownArchitecture(String, known: [String])
  /// What is said of a network's input does not fit it.
  case input(String)
  /// A file is not a network that this version can read.
  case file(String, String)

  /// One line that says what was expected and what was found.
  public var description: String { words.terminalSafe }

  private var words: String {
    switch self {
    case .parameters(let architecture, let problems):
      "the parameters do not fit the architecture \(architecture): " + NetworkError.list(problems)
    case .unknownArchitecture(let name, let known):
      "no architecture is named \"\(name)\"\(name.suggestion(among: known)); known: "
        + known.joined(separator: ", ")
    case .input(let problem): problem
    case .file(let path, let problem):
      "\(path): \(problem)"
    }
  }

  /// The beginning of a list of problems.
  ///
  /// What is surplus comes last, but often shows why something is missing.
  private static func list(_ problems: [String]) -> String {
    let surplus = problems.filter { $0.hasSuffix("is surplus") }
    let others = problems.filter { !$0.hasSuffix("is surplus") }
    let count = max(6 - surplus.count, 4)
    let shown = others.prefix(count) + surplus.prefix(6 - min(others.count, count))
    let rest = problems.count - shown.count
    // Names are the file's and may be of any length.
    return shown.map { $0.count > 200 ? "\($0.prefix(90))...\($0.suffix(90))" : $0 }
      .joined(separator: ", ") + (rest > 0 ? ", and \(rest) more" : "")
  }

  /// The problem alone, without the file's name.
  var problem: String {
    if case .file(_, let problem) = self { problem } else { description }
  }
}
