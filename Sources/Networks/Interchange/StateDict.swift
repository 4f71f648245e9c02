public import Graphs
public import Tensors

/// Tensors by name, as another program saved them, to become the parameters of a network.
public struct StateDict: Sendable {
  /// What errors call the file.
  public let name: String

  /// The tensors by name, as in the file.
  public let tensors: [String: Tensor<Float>]

  /// The keys under which they lay in the file, such as `model_state_dict`.
  public let path: [String]

  /// Whether the file is a network that Gibbon wrote, which says its form itself.
  public let isNetwork: Bool

  /// What wrappers of models put before all names.
  public static let prefixes = ["module.", "model.", "_orig_mod.", "net.", "network."]

  /// Creates a set of tensors.
  public init(
    name: String, tensors: [String: Tensor<Float>], path: [String] = [], isNetwork: Bool = false
  ) {
    self.name = name
    self.isNetwork = isNetwork
    self.tensors = tensors
    self.path = path
  }

  /// The tensors under the names of a graph's parameters: without the prefixes that all names have in common,
  /// as far as more of them fit then.
  public func parameters(for graph: Graph) -> [String: Tensor<Float>] {
    let known = Set(graph.parameters.map(\.name))
    func fits(_ names: some Sequence<String>) -> Int { names.count(where: known.contains) }
    var best = tensors
    var current = tensors
    while let prefix = StateDict.prefixes.first(where: { prefix in
      !current.isEmpty && current.keys.allSatisfy { $0.hasPrefix(prefix) }
    }) {
      current = Dictionary(
        uniqueKeysWithValues: current.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
      if fits(current.keys) > fits(best.keys) { best = current }
    }
    return best
  }
}

extension Architecture {
  /// The known forms whose parameters the tensors of a file are, by name and shape.
  public static func fitting(_ state: StateDict) -> [Architecture] {
    all.filter { architecture in
      guard let graph = try? architecture.graph() else { return false }
      let tensors = state.parameters(for: graph)
      return (try? Network.fitting(tensors, to: graph, architecture: architecture.name)) != nil
    }
  }
}
