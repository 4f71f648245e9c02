import CHost
public import Graphs

/// A network that follows small changes of its input: it computes anew only what a changed window can reach.
///
/// Searches that change a window or some pixels at a time ask about inputs that are almost equal. A memory keeps the
/// values of all layers at the last input; where the next differs in a rectangle, the places of each layer that the
/// rectangle reaches are computed, and the first linear layer is brought up to date by the differences alone. An input
/// that is nearer to the one before the last undoes the last step first, as after a proposal that was turned down.
///
/// The sums of a place are taken in one order, so that what was computed in parts equals what was computed at once,
/// but for the first linear layer, whose sums are taken anew from time to time.
///
/// Made for chains of convolutions, max poolings, ReLUs and linear layers. All use of a memory is by one thread at a
/// time; different memories may be used by different threads at once.
public final class IncrementalPlan: @unchecked Sendable {
  let layers: IncrementalLayers
  /// The sizes of the layers on maps, at addresses that stay.
  let sizes: UnsafeMutableBufferPointer<gibbon_patch_convolution>
  /// The maps, the input's first.
  let maps: UnsafeMutableBufferPointer<gibbon_map>
  /// The packed weights of convolutions, empty for poolings.
  private let weights: [AlignedBlock]
  private let workspaceCount: Int
  /// One for each thread of the engine's team.
  private var workspaces: [AlignedBlock] = []
  /// The multiplications of the whole network.
  let work: Int
  /// Where the values of each map begin in a memory, and how many floats there are.
  let places: [Int]
  let floatCount: Int

  /// Prepares a network.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - output: The name of its output.
  ///   - parameters: Its parameters, which never change.
  /// - Returns: `nil` if the graph has other layers, or too many values to be kept for each example.
  public init?(_ graph: Graph, output: String, parameters: ParameterStore) {
    guard let layers = IncrementalLayers(graph, output: output, parameters: parameters) else {
      return nil
    }
    self.layers = layers
    sizes = .allocate(capacity: layers.spatial.count)
    _ = sizes.initialize(from: layers.spatial.map(\.sizes))
    maps = .allocate(capacity: layers.spatial.count + 1)
    _ = maps.initialize(from: [layers.input] + layers.spatial.map(\.sizes.target))
    var places: [Int] = []
    var next = 0
    for map in maps {
      places.append(next)
      next += map.count
    }
    self.places = places
    floatCount = next
    var work = 0
    var room = 0
    var weights: [AlignedBlock] = []
    for layer in layers.spatial {
      work += layer.work * layer.sizes.target.whole.area
      let (count, workspace) = withUnsafePointer(to: layer.sizes) {
        (gibbon_patch_weight_count($0), gibbon_patch_workspace_count($0))
      }
      let block = AlignedBlock(byteCount: layer.weight == nil ? 0 : 4 * count)
      if let weight = layer.weight {
        withUnsafePointer(to: layer.sizes) { gibbon_patch_weight($0, weight.kernel, block.floats) }
        room = max(room, workspace)
      }
      weights.append(block)
    }
    for layer in layers.linear { work += layer.weight.count }
    self.weights = weights
    self.work = work
    workspaceCount = room
  }

  deinit {
    sizes.deallocate()
    maps.deallocate()
  }

  /// Computes the outputs of a batch as far as the inputs differ little from those that their memories hold.
  ///
  /// To be called on the engine thread.
  ///
  /// - Parameters:
  ///   - rows: `count` inputs, one after the other.
  ///   - count: The number of inputs.
  ///   - memories: What is remembered of the search that asks for each; no two are the same.
  ///   - outputs: Receives the outputs that were computed.
  /// - Returns: The places of the inputs that remain to be computed in the ordinary way.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, memories: [IncrementalMemory?],
    outputs: UnsafeMutableBufferPointer<Float>
  ) -> [Int] {
    while workspaces.count < OpenMP.threadCount {
      workspaces.append(AlignedBlock(byteCount: 4 * workspaceCount))
    }
    let (size, width) = (inputCount, layers.linear[layers.linear.count - 1].bias.count)
    return [Bool](unsafeUninitializedCapacity: count) { isDone, initialized in
      isDone.initialize(repeating: false)
      initialized = count
      guard let rows = rows.baseAddress, let outputs = outputs.baseAddress,
        let flags = isDone.baseAddress
      else { return }
      OpenMP.split(count) { range, thread in
        for row in range {
          guard let memory = memories[row] else { continue }
          flags[row] = memory.evaluate(
            rows + row * size, outputs: outputs + row * width, count: width, thread: thread)
        }
      }
    }.indices(where: false)
  }

  /// The number of values of an input.
  var inputCount: Int { layers.input.channels * layers.input.height * layers.input.width }

  /// Whether a change is worth following: where it takes less than half the work of the network. Weights of linear
  /// layers count several times, for they are read for one example alone.
  func isWorthwhile(_ change: gibbon_rectangle) -> Bool {
    var sum = 0
    var part = change
    for layer in layers.spatial {
      part = part.reach(through: layer.sizes)
      sum += part.area * layer.work
    }
    guard let first = layers.linear.first else { return false }
    let channels = maps[maps.count - 1].channels
    sum += 2 * part.area * channels * first.bias.count
    for layer in layers.linear.dropFirst() { sum += 4 * layer.weight.count }
    return 2 * sum < work
  }

  /// Computes a rectangle of a layer on maps.
  func compute(
    _ layer: Int, _ part: gibbon_rectangle, in values: UnsafeMutablePointer<Float>, thread: Int
  ) {
    let (source, target) = (values + places[layer], values + places[layer + 1])
    guard let sizes = sizes.baseAddress.map({ $0 + layer }) else { return }
    if let weight = layers.spatial[layer].weight {
      gibbon_patch_convolve(
        sizes, source, weights[layer].floats, weight.bias, target, part,
        workspaces[thread].floats)
    } else {
      gibbon_patch_pool(sizes, source, target, part)
    }
  }

  /// The outputs from the sums of the first linear layer.
  func finish(
    _ sums: UnsafePointer<Float>, hidden: UnsafeMutablePointer<Float>,
    outputs: UnsafeMutablePointer<Float>
  ) {
    var source = sums
    var count = layers.linear[0].bias.count
    var relu = layers.linear[0].relu
    var room = hidden
    for layer in layers.linear.dropFirst() {
      // The activations, then the sums of the layer.
      for index in 0..<count { room[index] = relu && source[index] < 0 ? 0 : source[index] }
      let target = room + count
      target.update(from: layer.bias, count: layer.bias.count)
      var map = gibbon_map(
        channels: count, height: 1, width: 1, padding_top: 0, padding_left: 0, padding_bottom: 0,
        padding_right: 0)
      gibbon_patch_accumulate(&map, room, nil, layer.weight, target, layer.bias.count, map.whole)
      (source, count, relu, room) = (
        UnsafePointer(target), layer.bias.count, layer.relu, target + layer.bias.count
      )
    }
    for index in 0..<count { outputs[index] = relu && source[index] < 0 ? 0 : source[index] }
  }

  /// The number of floats that `finish` needs as working memory.
  var hiddenCount: Int {
    layers.linear.reduce(0) { $0 + 2 * $1.bias.count } + (layers.linear.first?.bias.count ?? 0)
  }
}

extension [Bool] {
  /// The places at which a value is.
  fileprivate func indices(where value: Bool) -> [Int] { indices.filter { self[$0] == value } }
}
