import Graphs
import Tensors
import Testing

/// A graph composed at random, at a point where it is smooth.
struct RandomGraph: Sendable {
  let graph: Graph
  let point: Point

  static let batch = 2

  /// Composes a graph and draws points until none is near a kink.
  init(seed: Int) throws {
    let key = RandomKey(seed: UInt64(seed)).child("random graph")
    var composer = Composer(generator: key.generator)
    let graph = try composer.compose(steps: 14)
    self.graph = graph
    for attempt in 0..<200 {
      var point = Point()
      for (name, value) in graph.inputs {
        point.inputs[name] = RandomGraph.draw(graph[value], key.child(attempt).child(name))
      }
      for (name, value) in graph.parameters {
        point.parameters[name] = RandomGraph.draw(graph[value], key.child(attempt).child(name))
      }
      if RandomGraph.isSmooth(try point.values(of: graph)) {
        self.point = point
        return
      }
    }
    throw NoSmoothPoint(seed: seed)
  }

  struct NoSmoothPoint: Error { let seed: Int }

  private static func draw(_ node: Node, _ key: RandomKey) -> Tensor<Double> {
    Domain.awayFromZero.draw(node.extents.shape(batch: batch), from: key)
  }

  /// Whether all values that must stay away from zero, or from one another, do.
  private static func isSmooth(_ values: [String: Tensor<Double>]) -> Bool {
    values.allSatisfy { name, value in
      if name.hasPrefix("signed") { return value.scalars.allSatisfy { abs($0) > 1e-3 } }
      guard name.hasPrefix("distinct") else { return true }
      // Exact ties come from one value in several places and move together.
      let sorted = value.scalars.sorted()
      return zip(sorted, sorted.dropFirst()).allSatisfy { $1 == $0 || $1 - $0 > 1e-4 }
    }
  }
}

/// Writes a random graph: every step applies an operator to values drawn from all so far.
private struct Composer {
  var generator: Philox
  var builder = GraphBuilder()
  var values: [Value] = []
  var parameters = 0

  init(generator: Philox) { self.generator = generator }

  mutating func compose(steps: Int) throws -> Graph {
    values = [
      builder.input("image", [Extents.batch, 2, 4, 5]),
      builder.input("vector", [Extents.batch, 3]),
    ]
    while values.count < steps { try step() }
    // The output hangs on a few values, so that the rest may be dead.
    var total = builder.constant(Tensor(0))
    for _ in 0..<3 {
      let bounded = try builder.apply(Elementwise(.tanh), values[draw(values.count)])
      let axes = Array(0..<builder.extents(of: bounded).rank)
      let mean = try builder.apply(Reduce(axes: axes, isMean: true), bounded)
      total = try builder.add(total, try builder.scale(mean, by: 1 + Float(draw(5))))
    }
    builder.output("y", total)
    return builder.finish()
  }

  private mutating func draw(_ bound: Int) -> Int { generator.integer(below: bound) }

  private mutating func parameter(_ shape: Shape) -> Value {
    parameters += 1
    return builder.parameter("parameter \(parameters)", shape)
  }

  private mutating func step() throws {
    let x = values[draw(values.count)]
    let extents = builder.extents(of: x)
    switch draw(4) {
    case 0: values.append(try activation(of: x))
    case 1:
      let partners = values.filter { builder.extents(of: $0) == extents }
      let partner = partners[draw(partners.count)]
      values.append(
        draw(2) == 0 ? try builder.add(x, partner) : try builder.multiply(x, partner))
    case 2 where extents.rank == 4: values.append(try image(of: x, extents))
    case 2: values.append(try vector(of: x, extents))
    default: values.append(try rearrangement(of: x, extents))
    }
  }

  private mutating func activation(of x: Value) throws -> Value {
    let smooth: [Elementwise.Function] = [
      .tanh, .sigmoid, .softplus, .erf, .affine(factor: -0.75, offset: 0.5),
    ]
    let kinked: [Elementwise.Function] = [.relu, .leakyReLU(slope: 0.25), .elu(alpha: 0.5), .abs]
    let choice = draw(smooth.count + kinked.count + 1)
    if choice < smooth.count { return try builder.apply(Elementwise(smooth[choice]), x) }
    if choice == smooth.count + kinked.count { return try builder.gelu(x) }
    // A kink at an exact zero, such as a relu's, could not be avoided; an offset moves it.
    let shifted = try builder.affine(x, factor: 1, offset: 0.0625)
    builder.output("signed \(values.count)", shifted)
    return try builder.apply(Elementwise(kinked[choice - smooth.count]), shifted)
  }

  private mutating func image(of x: Value, _ extents: Extents) throws -> Value {
    let (channels, height, width) = (extents[1], extents[2], extents[3])
    switch draw(5) {
    case 0:
      let kernel = Window.Pair(1 + draw(min(3, height)), 1 + draw(min(3, width)))
      let window = Window(
        kernel: kernel, stride: .init(1 + draw(2), 1 + draw(2)),
        paddingBefore: .init(draw(2), draw(2)), paddingAfter: .init(draw(2), draw(2)))
      let groups = draw(2) == 0 ? channels : 1
      let outputs = groups * (1 + draw(2))
      let weight = parameter([outputs, channels / groups, kernel.height, kernel.width])
      let bias = draw(2) == 0 ? parameter([outputs]) : nil
      let convolved = try builder.convolution(
        x, weight: weight, bias: bias, window, groups: groups)
      return try builder.scale(convolved, by: 0.5)
    case 1 where height > 1 && width > 1:
      builder.output("distinct \(values.count)", x)
      return try builder.apply(MaxPool(Window(2, stride: 1 + draw(2), padding: draw(2))), x)
    case 2 where height > 1 && width > 1:
      let window = Window(2, stride: 1 + draw(2), padding: draw(2))
      return try builder.apply(AveragePool(window, countsPadding: draw(2) == 0), x)
    case 3:
      let (scale, shift) = (parameter([channels]), parameter([channels]))
      return try builder.batchNormTraining(x, scale: scale, shift: shift, epsilon: 0.25).y
    default: return try builder.globalAveragePool(x)
    }
  }

  private mutating func vector(of x: Value, _ extents: Extents) throws -> Value {
    guard extents.rank == 2 else { return try builder.flatten(x) }
    switch draw(3) {
    case 0:
      let outputs = 2 + draw(3)
      let weight = parameter([outputs, extents[1]])
      let product = try builder.linear(x, weight: weight, bias: parameter([outputs]))
      return try builder.scale(product, by: 0.5)
    case 1: return try builder.apply(Softmax(logarithm: draw(2) == 0), x)
    default:
      // Each example against the mean of the batch.
      let mean = try builder.mean(x, axes: [0])
      return try builder.subtract(x, try builder.perChannel(mean, like: x))
    }
  }

  private mutating func rearrangement(of x: Value, _ extents: Extents) throws -> Value {
    let axis = 1 + draw(extents.rank - 1)
    switch draw(4) {
    case 0 where extents[axis] < 6: return try builder.apply(Concatenate(axis: axis), x, x)
    case 1 where extents[axis] > 1:
      return try builder.apply(Slice(axis: axis, range: 1..<extents[axis]), x)
    case 2 where extents[axis] < 6:
      return try builder.apply(Pad(axis: axis, before: draw(2), after: 1), x)
    default:
      let reduced = try builder.mean(x, axes: [axis])
      return try builder.apply(Broadcast(to: extents, axes: [axis]), reduced)
    }
  }
}
