import Graphs
import Networks
import Tensors

/// How much a map changes where weights are replaced by random ones: one that does not change explains the picture, not
/// the network.
///
/// Layer after layer is randomised, from the outputs back, and those before stay random; the maps' magnitudes are
/// compared with the network's by Spearman's rank correlation. Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim,
/// "Sanity checks for saliency maps", 2018, https://arxiv.org/abs/1810.03292.
public struct WeightRandomization: Sendable, Hashable, Codable {
  /// A map of a network some of whose layers are random.
  public struct Step: Sendable, Hashable, Codable {
    /// How many layers are random, from the outputs back.
    public let layers: Int
    /// The rank correlation of the magnitudes with those of the network as it is.
    public let correlation: Double
  }

  /// The steps; the last has all layers random.
  public let steps: [Step]

  /// The correlation where all weights are random.
  public var whole: Double { steps.last?.correlation ?? 0 }

  /// The most steps that are looked at.
  private static let most = 4

  /// Compares maps with those of networks with random weights.
  ///
  /// - Parameters:
  ///   - attributions: What the method says of the network, an attribution for each example.
  ///   - method: The method.
  ///   - request: The network and the examples.
  /// - Returns: A comparison for each example.
  /// - Throws: What the method throws.
  /// - Precondition: The request knows the network.
  package static func measure(
    _ attributions: [Attribution], by method: any AttributionMethod, _ request: AttributionRequest
  ) async throws -> [WeightRandomization] {
    guard let network = request.network else { preconditionFailure("no network") }
    let layers = network.weightLayers
    let count = min(most, layers.count)
    var steps = [[Step]](repeating: [], count: attributions.count)
    for step in 1...max(count, 1) where !layers.isEmpty {
      let random = (layers.count * step + count - 1) / count
      let other = try network.randomizing(Set(layers.prefix(random).joined()), seed: request.seed)
      let maps = try await method.attributions(for: try request.asking(other))
      for (row, map) in maps.enumerated() {
        let correlation = RankCorrelation.spearman(
          attributions[row].places.map(abs), map.places.map(abs))
        steps[row].append(Step(layers: random, correlation: correlation))
      }
    }
    return steps.map { WeightRandomization(steps: $0) }
  }
}

extension Network {
  /// The trained parameters by layers, from the outputs back: each convolution or linear layer with what follows it.
  var weightLayers: [[String]] {
    var layers: [[String]] = [[]]
    let trained = Set(trainedNames)
    var users: [Int: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands where users[operand.index] == nil {
        users[operand.index] = index
      }
    }
    for parameter in graph.parameters.sorted(by: {
      (users[$0.value.index] ?? 0) < (users[$1.value.index] ?? 0)
    }) where trained.contains(parameter.name) {
      if graph[parameter.value].extents.rank > 1, layers.last?.isEmpty == false {
        layers.append([])
      }
      layers[layers.count - 1].append(parameter.name)
    }
    return layers.filter { !$0.isEmpty }.reversed()
  }

  /// The same network with some parameters drawn anew: normal numbers of each tensor's mean and deviation.
  func randomizing(_ names: Set<String>, seed: UInt64) throws -> Network {
    var tensors = parameters
    for name in names.sorted() {
      guard let tensor = tensors[name] else { continue }
      var generator = RandomKey(seed: seed).child("randomization").child(name).generator
      let mean = tensor.sum { Double($0) } / Double(max(tensor.count, 1))
      let square = tensor.sum { (Double($0) - mean) * (Double($0) - mean) }
      let deviation = (square / Double(max(tensor.count, 1))).squareRoot()
      tensors[name] = generator.normals(tensor.shape).map { Float(mean + deviation * Double($0)) }
    }
    var network = self
    try network.load(tensors)
    return network
  }
}
