import Engine
import Graphs
import Tensors
import Testing

/// Chains of layers are followed, what only looks like one is not, and both give what the definition says.
@Suite("Random networks near the chains that are followed")
struct NearIncrementalTests {
  private static let count = 600

  @Test func agree() throws {
    var (found, refused, followed) = (0, 0, 0)
    var wrong: [String] = []
    for seed in 0..<Self.count {
      var drawing = PatternDrawing(.smooth, pattern: "chains", seed: seed)
      let y = try Self.draw(&drawing)
      var builder = drawing.graph
      builder.output("y", y)
      let graph = builder.finish().pruned()
      let used = Set(graph.parameters.map(\.name))
      let parameters = drawing.parameters.filter { used.contains($0.key) }
      let store = ParameterStore(parameters, isFrozen: true)
      let plan = IncrementalPlan(graph, output: "y", parameters: store)
      if plan != nil { found += 1 }
      if drawing.mustRefuse { refused += 1 }
      if plan != nil, drawing.mustRefuse { wrong.append("\(seed) (\(drawing.form)): followed") }
      guard let plan else { continue }
      let (steps, difference) = try Self.follow(plan, graph, parameters, &drawing)
      followed += steps
      if !(difference <= 1e-5) {
        wrong.append("\(seed) (\(drawing.form)): off by \(difference)")
      }
    }
    print("chains: \(Self.count) networks, \(found) found, \(refused) must not, \(followed) steps")
    #expect(wrong.isEmpty, "\(wrong.count) of \(Self.count) are wrong: \(wrong.prefix(5))")
    #expect(5 * refused >= 2 * Self.count, "only \(refused) are to be refused")
    #expect(5 * found >= Self.count, "only \(found) are found")
    #expect(followed >= Self.count, "only \(followed) changes are followed")
  }

  /// Changes one value after the other, and compares what is followed with the definition.
  private static func follow(
    _ plan: IncrementalPlan, _ graph: Graph, _ parameters: [String: Tensor<Float>],
    _ drawing: inout PatternDrawing
  ) throws -> (followed: Int, difference: Double) {
    guard let (name, value) = graph.inputs.first else { return (0, .infinity) }
    let example = graph[value].extents.shape(batch: 1)
    let width = graph[try graph.output("y")].extents[1]
    let memory = IncrementalMemory(plan)
    var input = drawing.numbers(example)
    let interpreter = Interpreter(graph)
    let exact = parameters.mapValues { $0.converted(to: Double.self) }
    var (followed, difference) = (0, 0.0)
    for _ in 0..<5 {
      input[drawing.integer(0...input.count - 1)] = drawing.numbers([1])[0]
      let (found, isDone) = EngineThread.shared.sync { [input] in
        var isDone = false
        let outputs = Tensor<Float>(shape: [1, width]) { outputs in
          input.withUnsafeScalars {
            isDone = plan.evaluate($0, count: 1, memories: [memory], outputs: outputs).isEmpty
          }
        }
        return (outputs, isDone)
      }
      guard isDone else { continue }
      followed += 1
      let expected = try interpreter([name: input.converted()], parameters: exact)
      guard let wanted = expected["y"] else { return (followed, .infinity) }
      difference = max(difference, relativeDifference(found, wanted, floor: 1e-3))
    }
    return (followed, difference)
  }

  private static func draw(_ drawing: inout PatternDrawing) throws -> Value {
    let side = drawing.integer(2...4)
    let size = drawing.integer(6...9)
    let form = drawing.chance(2) ? 0 : drawing.integer(1...13)
    drawing.mustRefuse = form > 0
    var x = drawing.input([side, size, size])
    func spread(_ axis: Int, like x: Value, in drawing: inout PatternDrawing) throws -> Value {
      let extents = drawing.graph.extents(of: x)
      return try drawing.graph.apply(
        Broadcast(to: extents, axes: (0..<extents.rank).filter { $0 != axis }),
        drawing.parameter([extents[axis]]))
    }
    if form == 1 {
      drawing.form = "a factor along another axis"
      x = try drawing.graph.multiply(x, spread(drawing.integer(2...3), like: x, in: &drawing))
    } else if form == 2 {
      drawing.form = "an axis exchanged"
      x = try drawing.graph.apply(
        Transpose(drawing.element(of: [[0, 1, 3, 2], [0, 2, 3, 1]])), x)
    } else if drawing.chance(2) {
      x = try drawing.graph.affine(x, factor: 0.5, offset: -0.25)
      x = try drawing.graph.addBias(x, drawing.vector(like: x))
    }
    if form == 3 {
      drawing.form = "a ReLU of the input"
      x = try drawing.graph.relu(x)
    }
    let channels = drawing.graph.extents(of: x)[1]
    let groups = form == 4 ? channels : 1
    var y = try drawing.convolution(
      x, outputs: groups * drawing.integer(2...4), bias: drawing.chance(2), groups: groups)
    if form == 5 {
      drawing.form = "a function between"
      let functions: [Elementwise.Function] = [
        .leakyReLU(slope: 0.5), .abs, .clip(lower: 0, upper: 1), .affine(factor: 2, offset: 1),
        .sigmoid,
      ]
      y = try drawing.graph.apply(Elementwise(drawing.element(of: functions)), y)
      y = try drawing.graph.relu(y)
    }
    if drawing.chance(2) { y = try drawing.graph.relu(y) }
    if form == 6 {
      drawing.form = "a residual sum"
      let z = try drawing.convolution(y, outputs: drawing.graph.extents(of: y)[1])
      y = drawing.chance(2) ? try drawing.graph.add(y, z) : try drawing.graph.add(z, y)
    } else if form == 7 {
      drawing.form = "a product with itself"
      y = try drawing.graph.multiply(y, y)
    } else if form == 8 {
      drawing.form = "a bias along another axis"
      y = try drawing.graph.add(y, spread(drawing.integer(2...3), like: y, in: &drawing))
    } else if form == 9 {
      drawing.form = "padded, dilated or average pooling"
      let pooling: [any Operator] = [
        MaxPool(Window(2, stride: 2, padding: 1)), MaxPool(Window(2, dilation: 2)),
        AveragePool(Window(2)),
      ]
      y = try drawing.graph.apply(any: drawing.element(of: pooling), y)
    } else if drawing.chance(2) {
      y = try drawing.graph.apply(
        MaxPool(Window(drawing.integer(1...3), stride: drawing.integer(1...2))), y)
      if drawing.chance(2) { y = try drawing.graph.relu(y) }
    }
    if form == 10 {
      drawing.form = "axes exchanged before the linear layers"
      y = try drawing.graph.apply(Transpose([0, 2, 3, 1]), y)
    }
    var rows = try drawing.graph.flatten(y)
    if form == 11 {
      drawing.form = "a factor for each feature"
      rows = try drawing.graph.multiply(rows, spread(1, like: rows, in: &drawing))
      rows = try drawing.graph.relu(rows)
    }
    for _ in 0..<drawing.integer(0...1) {
      rows = try drawing.linear(rows, outputs: drawing.integer(2...5), bias: drawing.chance(2))
      if drawing.chance(2) { rows = try drawing.graph.relu(rows) }
    }
    rows = try drawing.linear(rows, outputs: 3, bias: true)
    if form == 12 {
      drawing.form = "a function of the scores"
      rows = try drawing.graph.apply(Softmax(), rows)
    } else if form == 13 {
      drawing.form = "a second way to the scores"
      rows = try drawing.graph.add(
        rows, drawing.linear(drawing.graph.flatten(x), outputs: 3))
    }
    return rows
  }
}

extension GraphBuilder {
  /// Applies an operator whose type is not known.
  fileprivate mutating func apply(any op: any Operator, _ x: Value) throws -> Value {
    try apply(op, to: [x])
  }
}
