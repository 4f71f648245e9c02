import Graphs
import Tensors

/// A graph that is drawn near a pattern, with the values of what it is given.
struct PatternDrawing {
  /// What numbers are drawn.
  enum Numbers {
    /// Small whole numbers, of which single precision computes sums and products without error.
    case whole
    /// Numbers between -1 and 1.
    case smooth
  }

  var graph = GraphBuilder()
  /// Whether the graph has been drawn so that the pattern must not be found in it.
  var mustRefuse = false
  /// Whether the graph's parameters may change.
  var mayChange = false
  /// What the graph is, in words.
  var form = ""
  let numbers: Numbers
  private(set) var inputs: [String: Tensor<Float>] = [:]
  private(set) var parameters: [String: Tensor<Float>] = [:]
  private var random: Philox

  static let batch = 2

  init(_ numbers: Numbers, pattern: String, seed: Int) {
    self.numbers = numbers
    random = RandomKey(seed: 31).child(pattern).child(seed).generator
  }

  // MARK: Chance

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.count)
  }

  /// True once in so many times.
  mutating func chance(_ outOf: Int) -> Bool { random.integer(below: outOf) == 0 }

  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[random.integer(below: elements.count)]
  }

  mutating func numbers(_ shape: Shape) -> Tensor<Float> {
    let uniforms = random.uniforms(shape)
    switch numbers {
    case .smooth: return uniforms.map { 2 * $0 - 1 }
    case .whole: return uniforms.map { ($0 * 7).rounded(.down) - 3 }
    }
  }

  // MARK: Values

  /// An input with a batch of examples.
  mutating func input(_ example: Shape) -> Value {
    let name = "x\(inputs.count)"
    inputs[name] = numbers(example.prepending(Self.batch))
    return graph.input(name, Extents(batchOf: example))
  }

  mutating func parameter(_ shape: Shape) -> Value { parameter(numbers(shape)) }

  mutating func parameter(_ tensor: Tensor<Float>) -> Value {
    let name = "p\(parameters.count)"
    parameters[name] = tensor
    return graph.parameter(name, tensor.shape)
  }

  /// A layer's weight, which may be computed from a parameter.
  mutating func weight(_ shape: Shape) throws -> Value {
    let value = parameter(shape)
    return chance(6) ? try graph.affine(value, factor: -2, offset: 1) : value
  }

  /// A vector with a value for each channel of another value.
  mutating func vector(like x: Value) -> Value { parameter([graph.extents(of: x)[1]]) }

  /// A batch normalisation whose deviations are powers of two.
  mutating func normalized(_ x: Value) throws -> Value {
    let channels = graph.extents(of: x)[1]
    let variance = Tensor<Float>(
      (0..<channels).map { _ in chance(2) ? 3.75 : 0.75 }, shape: [channels])
    return try graph.batchNorm(
      x, scale: vector(like: x), shift: vector(like: x), mean: vector(like: x),
      variance: parameter(variance), epsilon: 0.25)
  }

  /// A convolution whose extents stay those of x if `keeps`, but for the channels.
  mutating func convolution(
    _ x: Value, outputs: Int, keeps: Bool = true, bias: Bool = false, groups: Int = 1
  ) throws -> Value {
    let extents = graph.extents(of: x)
    let kernel = keeps ? element(of: [1, 3]) : integer(1...min(4, extents[2], extents[3]))
    let window = Window(
      kernel, stride: keeps ? 1 : integer(1...2), padding: keeps ? kernel / 2 : 0)
    let weight = try weight([outputs, extents[1] / groups, kernel, kernel])
    return try graph.convolution(
      x, weight: weight, bias: bias ? parameter([outputs]) : nil, window, groups: groups)
  }

  mutating func linear(_ x: Value, outputs: Int, bias: Bool = false) throws -> Value {
    let weight = try weight([outputs, graph.extents(of: x)[1]])
    return try graph.linear(x, weight: weight, bias: bias ? parameter([outputs]) : nil)
  }

  /// A window that fits and always meets values of some height and width.
  mutating func poolingWindow(over x: Value) -> Window {
    let extents = graph.extents(of: x)
    while true {
      let kernel = Window.Pair(integer(1...3), integer(1...3))
      let window = Window(
        kernel: kernel, stride: .init(integer(1...3), integer(1...3)),
        paddingBefore: .init(integer(0...kernel.height - 1), integer(0...kernel.width - 1)),
        paddingAfter: .init(integer(0...kernel.height - 1), integer(0...kernel.width - 1)),
        dilation: chance(5) ? 2 : 1)
      if (try? MaxPool(window).extents(of: [extents])) != nil { return window }
    }
  }

  /// Several values side by side, so that each matters.
  mutating func joined(_ values: [Value]) throws -> Value {
    let rows = try values.map { try graph.flatten($0) }
    return rows.count == 1 ? rows[0] : try graph.apply(Concatenate(axis: 1), to: rows)
  }
}
