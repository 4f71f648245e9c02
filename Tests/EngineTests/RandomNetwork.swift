import Graphs
import Tensors

/// A graph drawn by a seed, with values used several times and outputs at several points.
struct RandomNetwork {
  enum Kind {
    /// Sums, products and kinks on small whole numbers, which single precision computes without error.
    case exact
    /// Smooth functions, whose gradients change little by rounding.
    case smooth
  }

  let kind: Kind
  private let isNormalized: Bool
  /// The outputs `y`, further ones, and the gradient of `y` times the input `dy`.
  private(set) var graph: Graph
  /// The same without the gradient.
  private(set) var forward: Graph

  private var builder = GraphBuilder()
  private var values: [Value] = []
  private var random: Philox
  private var parameterCount = 0

  /// Draws a graph; `isNormalized` adds batch normalisations with given statistics to what is drawn.
  init(_ kind: Kind, isNormalized: Bool = false, seed: Int) throws {
    self.kind = kind
    self.isNormalized = isNormalized
    random = RandomKey(seed: 23).child("\(kind)").child(seed).generator
    let channels = random.element(of: [1, 3, 5, 16, 20])
    let size = (4 + random.integer(below: 6), 4 + random.integer(below: 6))
    for name in ["x", "z"] {
      values.append(builder.input(name, [Extents.batch, channels, size.0, size.1]))
    }
    forward = Graph.empty
    graph = Graph.empty
    let count = 5 + random.integer(below: 10)
    while values.count < count { try addValue() }
    let y = values[values.count - 1]
    builder.output("y", y)
    for index in 0..<3 { builder.output("value \(index)", random.element(of: values)) }
    let forward = builder.finish().pruned()
    let names = (forward.inputs + forward.parameters).map(\.name)
    self.forward = forward
    graph = try forward.gradient(of: "y", cotangent: "dy", withRespectTo: names)
  }

  /// Operands for the graph, drawn by a number.
  func operands(
    batch: Int, draw: Int
  ) -> (inputs: [String: Tensor<Float>], parameters: [String: Tensor<Float>]) {
    func tensor(_ name: String, _ extents: Extents) -> Tensor<Float> {
      var generator = RandomKey(seed: 29).child(name).child(draw).generator
      let uniforms = generator.uniforms(extents.shape(batch: batch))
      guard kind == .exact else { return uniforms.map { 2 * $0 - 1 } }
      // Mostly zeros, so that sums grow slowly.
      return uniforms.map { $0 < 0.15 ? -1 : $0 < 0.3 ? 1 : $0 < 0.34 ? 2 : 0 }
    }
    func tensors(_ names: [(name: String, value: Value)]) -> [String: Tensor<Float>] {
      Dictionary(uniqueKeysWithValues: names.map { ($0, tensor($0, graph[$1].extents)) })
    }
    return (tensors(graph.inputs), tensors(graph.parameters))
  }

  // MARK: Drawing

  private mutating func pick(rank: Int? = nil) -> Value? {
    let fitting = values.filter { rank == nil || builder.extents(of: $0).rank == rank }
    guard let last = fitting.last else { return nil }
    return random.integer(below: 2) == 0 ? last : random.element(of: fitting)
  }

  private mutating func parameter(_ shape: Shape) -> Value {
    parameterCount += 1
    return builder.parameter("p\(parameterCount)", shape)
  }

  /// A parameter, or what can be known of one beforehand.
  private mutating func weight(_ shape: Shape) throws -> Value {
    let parameter = parameter(shape)
    return chance(4) ? try builder.scale(parameter, by: -1) : parameter
  }

  private mutating func chance(_ outOf: Int) -> Bool { random.integer(below: outOf) == 0 }

  private mutating func addValue() throws {
    let choice = random.integer(below: isNormalized ? 20 : 14)
    let value: Value? =
      switch choice {
      case 0, 1, 2: try convolution()
      case 3, 4: try linear()
      case 5, 6: try function()
      case 7: try pooling()
      case 8, 9: try arithmetic()
      case 10: try concatenation()
      case 11: try slice()
      case 12: try reshape()
      case 13: try channelwise()
      default: try normalization()
      }
    if let value { values.append(value) }
  }

  private mutating func convolution() throws -> Value? {
    guard let x = pick(rank: 4) else { return nil }
    let extents = builder.extents(of: x)
    let kernel = 1 + random.integer(below: 4)
    let window = Window(
      kernel, stride: 1 + random.integer(below: 2), padding: random.integer(below: kernel))
    let groups = extents[1] % 2 == 0 && chance(4) ? 2 : 1
    let outputs = groups * random.element(of: [1, 4, 8, 10, 16])
    guard window.outputSize(of: .init(extents[2], extents[3])) != nil else { return nil }
    let weight = try weight([outputs, extents[1] / groups, kernel, kernel])
    let bias = chance(3) ? nil : parameter([outputs])
    var y = try builder.convolution(x, weight: weight, bias: bias, window, groups: groups)
    if kind == .smooth { return try builder.scale(y, by: 0.25) }
    // A residual sum, of which either side may be the layer.
    let found = builder.extents(of: y)
    let partners = values.filter { builder.extents(of: $0) == found }
    if !partners.isEmpty, chance(2) {
      let partner = random.element(of: partners)
      y = chance(2) ? try builder.add(y, partner) : try builder.add(partner, y)
    }
    return chance(2) ? try builder.relu(y) : y
  }

  private mutating func linear() throws -> Value? {
    guard let x = pick(rank: 2) else { return nil }
    let inputs = builder.extents(of: x)[1]
    let outputs = random.element(of: [1, 4, 10, 16, 33])
    let weight = try weight([outputs, inputs])
    let y = try builder.linear(x, weight: weight, bias: chance(3) ? nil : parameter([outputs]))
    if kind == .smooth { return try builder.scale(y, by: 0.25) }
    return chance(2) ? try builder.relu(y) : y
  }

  private mutating func function() throws -> Value? {
    guard let x = pick() else { return nil }
    guard kind == .smooth else {
      let function = random.element(of: [
        Elementwise.Function.relu, .abs, .leakyReLU(slope: 0.5), .affine(factor: -1, offset: 1),
      ])
      return try builder.apply(Elementwise(function), x)
    }
    if chance(4), builder.extents(of: x).rank == 2 {
      return try builder.apply(Softmax(logarithm: chance(2)), x)
    }
    let function = random.element(of: [
      Elementwise.Function.sigmoid, .tanh, .softplus, .erf, .affine(factor: 0.5, offset: -1),
    ])
    return try builder.apply(Elementwise(function), x)
  }

  private mutating func pooling() throws -> Value? {
    guard let x = pick(rank: 4) else { return nil }
    let extents = builder.extents(of: x)
    let size = Window.Pair(extents[2], extents[3])
    if chance(4) { return try builder.apply(Reduce(axes: [2, 3]), x) }
    // Means over four values stay exact.
    let window = Window(2, stride: 1 + random.integer(below: 2), padding: random.integer(below: 2))
    guard window.outputSize(of: size) != nil else { return nil }
    if kind == .exact, chance(2) {
      let window = Window(
        2 + random.integer(below: 2), stride: 1 + random.integer(below: 2),
        padding: random.integer(below: 2))
      guard window.outputSize(of: size) != nil else { return nil }
      return try builder.apply(MaxPool(window), x)
    }
    return try builder.apply(AveragePool(window), x)
  }

  private mutating func arithmetic() throws -> Value? {
    guard let x = pick() else { return nil }
    let extents = builder.extents(of: x)
    let partner = random.element(of: values.filter { builder.extents(of: $0) == extents })
    return chance(3) ? try builder.multiply(x, partner) : try builder.add(x, partner)
  }

  private mutating func concatenation() throws -> Value? {
    guard let x = pick() else { return nil }
    let extents = builder.extents(of: x).replacing(axis: 1, with: 0)
    let partners = values.filter {
      let other = builder.extents(of: $0)
      return other.rank == extents.rank && other.replacing(axis: 1, with: 0) == extents
    }
    let others = (0...random.integer(below: 2)).map { _ in random.element(of: partners) }
    return try builder.apply(Concatenate(axis: 1), to: [x] + others)
  }

  private mutating func slice() throws -> Value? {
    guard let x = pick() else { return nil }
    let extents = builder.extents(of: x)
    let axis = 1 + random.integer(below: extents.rank - 1)
    let start = random.integer(below: extents[axis])
    let count = 1 + random.integer(below: extents[axis] - start)
    return try builder.apply(Slice(axis: axis, range: start..<start + count), x)
  }

  private mutating func reshape() throws -> Value? {
    guard let x = pick() else { return nil }
    let extents = builder.extents(of: x)
    guard extents.rank == 4 else {
      guard extents[1] % 4 == 0 else { return nil }
      return try builder.apply(Reshape(to: [Extents.batch, extents[1] / 4, 2, 2]), x)
    }
    if !chance(4) { return try builder.flatten(x) }
    return try builder.apply(
      Reshape(to: [Extents.batch, extents[2], extents[1], extents[3]]), x)
  }

  private mutating func normalization() throws -> Value? {
    guard let x = pick() else { return nil }
    let shape: Shape = [builder.extents(of: x)[1]]
    // Squares, since a variance is not negative.
    let variance = try builder.apply(Elementwise(.square), parameter(shape))
    return try builder.batchNorm(
      x, scale: parameter(shape), shift: parameter(shape), mean: parameter(shape),
      variance: variance, epsilon: 0.5)
  }

  private mutating func channelwise() throws -> Value? {
    guard let x = pick() else { return nil }
    let channels = builder.extents(of: x)[1]
    if kind == .smooth, chance(2) {
      return try builder.batchNormTraining(
        x, scale: parameter([channels]), shift: parameter([channels]), epsilon: 0.5
      ).y
    }
    if chance(2) { return try builder.addBias(x, parameter([channels])) }
    return try builder.multiply(x, try builder.perChannel(parameter([channels]), like: x))
  }
}

extension Graph {
  fileprivate static var empty: Graph { GraphBuilder().finish() }
}

extension Philox {
  /// One of some elements.
  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }
}
