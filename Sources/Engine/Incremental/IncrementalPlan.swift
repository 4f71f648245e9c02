import CKernels
public import Graphs
import Models

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
  /// A layer on maps; the weight and the bias are `nil` for poolings.
  struct Spatial {
    var sizes: gibbon_patch_convolution
    let weight: UnsafePointer<Float>?
    let bias: UnsafePointer<Float>?
    /// The multiplications of one result place.
    let work: Int
    /// Where the values of its result begin in a memory.
    let place: Int
  }

  /// A linear layer, its weight laid out as input, output.
  struct Linear {
    let weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    let inputs: Int
    let outputs: Int
    let relu: Bool
  }

  // Plain memory: threads that share an array would also share, and fight for, its count of references.
  /// What each channel of the input is multiplied with, and what is added.
  let factors: UnsafePointer<Float>
  let offsets: UnsafePointer<Float>
  /// The input as a map.
  let input: UnsafePointer<gibbon_map>
  let spatial: UnsafeMutableBufferPointer<Spatial>
  let linear: UnsafeMutableBufferPointer<Linear>
  private let blocks: [AlignedBlock]
  private let workspaceCount: Int
  /// One for each thread of the engine's team.
  private var workspaces: [AlignedBlock] = []
  private var rooms: UnsafeMutableBufferPointer<UnsafeMutablePointer<Float>>
  /// The multiplications of the whole network.
  private let work: Int
  /// The number of floats of all maps.
  let floatCount: Int

  /// Prepares a network; `nil` if the graph has other layers, or too many values to be kept for each example.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - output: The name of its output.
  ///   - parameters: Its parameters, which never change.
  public init?(_ graph: Graph, output: String, parameters: ParameterStore) {
    guard let layers = IncrementalLayers(graph, output: output, parameters: parameters) else {
      return nil
    }
    var blocks: [AlignedBlock] = []
    func keep(_ values: [Float]) -> UnsafePointer<Float> {
      let block = AlignedBlock(byteCount: 4 * values.count)
      block.floats.update(from: values, count: values.count)
      blocks.append(block)
      return UnsafePointer(block.floats)
    }
    factors = keep(layers.factors)
    offsets = keep(layers.offsets)
    let map = UnsafeMutablePointer<gibbon_map>.allocate(capacity: 1)
    map.initialize(to: layers.input)
    input = UnsafePointer(map)
    spatial = .allocate(capacity: layers.spatial.count)
    linear = .allocate(capacity: layers.linear.count)
    rooms = .allocate(capacity: 0)
    var place = layers.input.count
    var work = 0
    var room = 0
    for (index, layer) in layers.spatial.enumerated() {
      var packed: UnsafePointer<Float>?
      if let weight = layer.weight {
        withUnsafePointer(to: layer.sizes) { sizes in
          let block = AlignedBlock(byteCount: 4 * gibbon_patch_weight_count(sizes))
          gibbon_patch_weight(sizes, weight.kernel, block.floats)
          blocks.append(block)
          packed = UnsafePointer(block.floats)
          room = max(room, gibbon_patch_workspace_count(sizes))
        }
      }
      spatial.initializeElement(
        at: index,
        to: Spatial(
          sizes: layer.sizes, weight: packed, bias: layer.weight.map { keep($0.bias) },
          work: layer.work, place: place))
      place += layer.sizes.target.count
      work += layer.work * layer.sizes.target.whole.area
    }
    for (index, layer) in layers.linear.enumerated() {
      linear.initializeElement(
        at: index,
        to: Linear(
          weight: keep(layer.weight), bias: keep(layer.bias),
          inputs: layer.weight.count / layer.bias.count, outputs: layer.bias.count,
          relu: layer.relu))
      work += layer.weight.count
    }
    self.blocks = blocks
    self.work = work
    floatCount = place
    workspaceCount = room
  }

  deinit {
    input.deallocate()
    spatial.deallocate()
    linear.deallocate()
    rooms.deallocate()
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
    prepare(threads: OpenMP.threadCount)
    let (size, width) = (inputCount, linear[linear.count - 1].outputs)
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

  /// Makes working memory for as many threads.
  private func prepare(threads: Int) {
    if rooms.count >= threads { return }
    while workspaces.count < threads {
      workspaces.append(AlignedBlock(byteCount: 4 * workspaceCount))
    }
    rooms.deallocate()
    rooms = .allocate(capacity: threads)
    _ = rooms.initialize(from: workspaces.map(\.floats))
  }

  /// The number of values of an input.
  var inputCount: Int { input.pointee.channels * input.pointee.height * input.pointee.width }

  /// The map that the first linear layer reads, and where its values begin in a memory.
  var last: (map: gibbon_map, place: Int) {
    spatial.last.map { ($0.sizes.target, $0.place) } ?? (input.pointee, 0)
  }

  /// Whether a change is worth following: where it takes less than half the work of the network.
  ///
  /// Weights of linear layers count several times, for they are read for one example alone.
  func isWorthwhile(_ change: gibbon_rectangle) -> Bool {
    var sum = 0
    var part = change
    for layer in spatial {
      part = part.reach(through: layer.sizes)
      sum += part.area * layer.work
    }
    sum += 2 * part.area * last.map.channels * linear[0].outputs
    for layer in linear.dropFirst() { sum += 4 * layer.inputs * layer.outputs }
    return 2 * sum < work
  }

  /// Computes a rectangle of a layer on maps.
  func compute(
    _ layer: UnsafePointer<Spatial>, from source: UnsafePointer<Float>,
    in values: UnsafeMutablePointer<Float>, _ part: gibbon_rectangle, thread: Int
  ) {
    let target = values + layer.pointee.place
    withUnsafePointer(to: layer.pointee.sizes) { sizes in
      if let weight = layer.pointee.weight {
        gibbon_patch_convolve(
          sizes, source, weight, layer.pointee.bias, target, part, rooms[thread])
      } else {
        gibbon_patch_pool(sizes, source, target, part)
      }
    }
  }

  /// The outputs from the sums of the first linear layer.
  func finish(
    _ sums: UnsafePointer<Float>, hidden: UnsafeMutablePointer<Float>,
    outputs: UnsafeMutablePointer<Float>
  ) {
    var source = sums
    var room = hidden
    for (layer, next) in zip(linear, linear.dropFirst()) {
      // The activations, then the sums of the layer.
      for index in 0..<layer.outputs {
        room[index] = layer.relu && source[index] < 0 ? 0 : source[index]
      }
      let target = room + layer.outputs
      target.update(from: next.bias, count: next.outputs)
      var map = gibbon_map()
      (map.channels, map.height, map.width) = (layer.outputs, 1, 1)
      gibbon_patch_accumulate(&map, room, nil, next.weight, target, next.outputs, map.whole)
      source = UnsafePointer(target)
      room = target + next.outputs
    }
    let layer = linear[linear.count - 1]
    for index in 0..<layer.outputs {
      outputs[index] = layer.relu && source[index] < 0 ? 0 : source[index]
    }
  }

  /// The number of floats that `finish` needs as working memory.
  var hiddenCount: Int { linear.reduce(0) { $0 + 2 * $1.outputs } }
}

extension [Bool] {
  /// The places at which a value is.
  fileprivate func indices(where value: Bool) -> [Int] { indices.filter { self[$0] == value } }
}
