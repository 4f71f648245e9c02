import CKernels
import Graphs
import Tensors

/// The layers of a network that is one chain, as `IncrementalPlan` runs them; values and weights are plain floats.
struct IncrementalLayers {
  /// A layer on maps.
  struct Spatial {
    /// The sizes.
    let sizes: gibbon_patch_convolution
    /// The weight (results, channels, kernel rows, kernel columns) and the bias; `nil` for max pooling.
    let weight: (kernel: [Float], bias: [Float])?

    /// The multiplications of one result place.
    var work: Int {
      weight == nil
        ? 0
        : sizes.kernel_height * sizes.kernel_width * sizes.source.channels * sizes.target.channels
    }
  }

  /// A linear layer.
  struct Linear {
    /// The weight (inputs, outputs), the inputs of the first layer ordered as row, column, channel.
    let weight: [Float]
    let bias: [Float]
    var relu: Bool
  }

  /// The most values of one example.
  private static let largestCount = 1 << 18

  /// What each channel of the input is multiplied with, and what is added.
  private(set) var factors: [Float]
  private(set) var offsets: [Float]
  /// The input as a map.
  private(set) var input: gibbon_map
  private(set) var spatial: [Spatial] = []
  private(set) var linear: [Linear] = []

  private var map: gibbon_map { spatial.last?.sizes.target ?? input }

  /// Reads the layers that lead to an output.
  ///
  /// `nil` if the graph is no chain of an affine map of each channel, convolutions, max poolings, ReLUs and, at the end,
  /// linear layers, or has too many values to be kept for each example.
  init?(_ graph: Graph, output: String, parameters: ParameterStore) {
    let graph = Backend.oneDNN.optimized(graph, for: parameters)
    guard parameters.isFrozen, let end = try? graph.output(output) else { return nil }
    var count = 0
    var known = KnownValues(graph) { parameters.tensor($0) }
    var chain: [Value] = [end]
    while let value = chain.last, case .operation(let op, let operands, _) = graph[value] {
      let isArithmetic = op is Arithmetic
      guard
        let next = isArithmetic
          ? operands.first(where: { graph.channelVector($0) == nil }) : operands.first
      else { return nil }
      chain.append(next)
      count += graph[next].extents.countPerExample
      if count > IncrementalLayers.largestCount { return nil }
    }
    guard let first = chain.last, case .input(_, let extents) = graph[first],
      let input = gibbon_map(extents)
    else { return nil }
    self.input = input
    factors = Array(repeating: 1, count: input.channels)
    offsets = Array(repeating: 0, count: input.channels)
    for value in chain.dropLast().reversed() {
      guard case .operation(let op, let operands, let extents) = graph[value] else { return nil }
      let values = operands.map { operand -> [Float]? in
        let vector = graph.channelVector(operand) ?? operand
        return known[vector]?.scalars.map { Float($0) }
      }
      guard add(op, values, extents, of: operands.map { graph[$0].extents }) else { return nil }
    }
    guard !linear.isEmpty else { return nil }
  }

  /// Adds a layer, if there is a way to.
  private mutating func add(
    _ op: any Operator, _ values: [[Float]?], _ extents: Extents, of operands: [Extents]
  ) -> Bool {
    switch op {
    case is Reshape:
      guard linear.isEmpty else { return extents == operands[0] }
      if extents.rank == 2 || extents == operands[0] { return true }
      // A flat input may be laid out as a picture.
      guard spatial.isEmpty, operands[0].rank == 2, let shaped = gibbon_map(extents),
        isUnchanged
      else { return false }
      input = shaped
      factors = Array(repeating: 1, count: input.channels)
      offsets = Array(repeating: 0, count: input.channels)
      return true
    case let function as Elementwise: return add(function.function)
    case let arithmetic as Arithmetic:
      guard let vector = values.compactMap({ $0 }).first, vector.count == input.channels else {
        return false
      }
      switch arithmetic.operation {
      case .add: return normalize(factors: nil, offsets: vector)
      case .multiply: return normalize(factors: vector, offsets: nil)
      default: return false
      }
    case let pooling as MaxPool:
      return add(pooling.window, of: operands[0], extents, weight: nil, relu: false)
    case let convolution as Convolution:
      guard let kernel = values[1] else { return false }
      return add(convolution, kernel, bias: nil, operands[0], extents, relu: false)
    case let product as MatrixMultiply where product == MatrixMultiply(transposesRight: true):
      return addLinear(values[1], bias: nil, extents, relu: false)
    case let layer as FusedLayer where !layer.hasAddend:
      guard let weight = values[1] else { return false }
      let bias = layer.hasBias ? values[2] : nil
      if layer.hasBias, bias == nil { return false }
      switch layer.base {
      case .convolution(let convolution):
        return add(convolution, weight, bias: bias, operands[0], extents, relu: layer.hasReLU)
      case .linear: return addLinear(weight, bias: bias, extents, relu: layer.hasReLU)
      }
    default: return false
    }
  }

  private var isUnchanged: Bool {
    factors.allSatisfy { $0 == 1 } && offsets.allSatisfy { $0 == 0 }
  }

  private mutating func add(_ function: Elementwise.Function) -> Bool {
    switch function {
    case .relu:
      if !linear.isEmpty {
        linear[linear.count - 1].relu = true
      } else if let last = spatial.last {
        var sizes = last.sizes
        sizes.relu = 1
        spatial[spatial.count - 1] = Spatial(sizes: sizes, weight: last.weight)
      } else {
        return false
      }
      return true
    case .affine(let factor, let offset):
      return normalize(
        factors: Array(repeating: factor, count: input.channels),
        offsets: Array(repeating: offset, count: input.channels))
    default: return false
    }
  }

  private mutating func normalize(factors: [Float]?, offsets: [Float]?) -> Bool {
    guard spatial.isEmpty, linear.isEmpty else { return false }
    for channel in self.factors.indices {
      if let factor = factors?[channel] {
        self.factors[channel] *= factor
        self.offsets[channel] *= factor
      }
      if let offset = offsets?[channel] { self.offsets[channel] += offset }
    }
    return true
  }

  private mutating func add(
    _ convolution: Convolution, _ kernel: [Float], bias: [Float]?, _ operand: Extents,
    _ extents: Extents,
    relu: Bool
  ) -> Bool {
    guard convolution.groups == 1 else { return false }
    let bias = bias ?? Array(repeating: 0, count: extents[1])
    return add(convolution.window, of: operand, extents, weight: (kernel, bias), relu: relu)
  }

  private mutating func add(
    _ window: Window, of operand: Extents, _ extents: Extents, weight: ([Float], [Float])?,
    relu: Bool
  ) -> Bool {
    guard linear.isEmpty, operand.rank == 4, window.dilation == 1, var target = gibbon_map(extents)
    else {
      return false
    }
    // The value before has its padding around it.
    var source = map
    guard [source.channels, source.height, source.width] == [operand[1], operand[2], operand[3]]
    else {
      return false
    }
    let isPadded = window.paddingBefore != 0 || window.paddingAfter != 0
    // Padding never wins a pooling, which zeros might.
    if weight == nil, isPadded { return false }
    source.padding_top = window.paddingBefore.height
    source.padding_left = window.paddingBefore.width
    source.padding_bottom = window.paddingAfter.height
    source.padding_right = window.paddingAfter.width
    if var last = spatial.last?.sizes {
      last.target = source
      spatial[spatial.count - 1] = Spatial(sizes: last, weight: spatial[spatial.count - 1].weight)
    } else {
      input = source
    }
    (target.padding_top, target.padding_left) = (0, 0)
    spatial.append(
      Spatial(
        sizes: gibbon_patch_convolution(
          source: source, target: target, kernel_height: window.kernel.height,
          kernel_width: window.kernel.width, stride_height: window.stride.height,
          stride_width: window.stride.width, relu: relu ? 1 : 0), weight: weight))
    return true
  }

  private mutating func addLinear(
    _ weight: [Float]?, bias: [Float]?, _ extents: Extents, relu: Bool
  ) -> Bool {
    guard let weight, extents.rank == 2 else { return false }
    let outputs = extents[1]
    let inputs = weight.count / max(outputs, 1)
    let map = map
    let area = map.height * map.width
    guard
      linear.isEmpty ? inputs == area * map.channels : inputs == linear[linear.count - 1].bias.count
    else { return false }
    var turned = [Float](repeating: 0, count: weight.count)
    for input in 0..<inputs {
      // From channel, row, column to row, column, channel.
      let place = linear.isEmpty ? input % area * map.channels + input / area : input
      for output in 0..<outputs {
        turned[place * outputs + output] = weight[output * inputs + input]
      }
    }
    linear.append(
      Linear(weight: turned, bias: bias ?? Array(repeating: 0, count: outputs), relu: relu))
    return true
  }
}

extension gibbon_map {
  /// The map of an example, without padding: pictures as they are, features as one row; `nil` for other extents.
  init?(_ extents: Extents) {
    guard extents.isBatched, extents.rank == 4 || extents.rank == 2 else { return nil }
    let isPicture = extents.rank == 4
    self.init(
      channels: isPicture ? extents[1] : 1, height: isPicture ? extents[2] : 1,
      width: extents[extents.rank - 1], padding_top: 0, padding_left: 0, padding_bottom: 0,
      padding_right: 0)
  }

  /// The number of floats, padding included.
  var count: Int {
    channels * (padding_top + height + padding_bottom) * (padding_left + width + padding_right)
  }

  /// All places.
  var whole: gibbon_rectangle {
    gibbon_rectangle(top: 0, left: 0, bottom: height, right: width)
  }
}

extension gibbon_rectangle {
  /// The number of places.
  var area: Int { (bottom - top) * (right - left) }

  /// The places of a result whose windows meet this rectangle of the source.
  func reach(through layer: gibbon_patch_convolution) -> gibbon_rectangle {
    guard area > 0 else { return gibbon_rectangle() }
    func range(
      _ first: Int, _ last: Int, _ padding: Int, _ kernel: Int, _ stride: Int, _ count: Int
    ) -> Range<Int> {
      let start = max(0, first + padding - kernel + stride) / stride
      let end = min(count, (last - 1 + padding) / stride + 1)
      return min(start, end)..<end
    }
    let rows = range(
      top, bottom, layer.source.padding_top, layer.kernel_height, layer.stride_height,
      layer.target.height)
    let columns = range(
      left, right, layer.source.padding_left, layer.kernel_width, layer.stride_width,
      layer.target.width)
    if rows.isEmpty || columns.isEmpty { return gibbon_rectangle() }
    return gibbon_rectangle(
      top: rows.lowerBound, left: columns.lowerBound, bottom: rows.upperBound,
      right: columns.upperBound)
  }
}
