import Engine
import Graphs
import Models
import Tensors
import Testing

@Suite("Small changes of an input")
struct IncrementalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let input: Extents
    /// The layers after the input's name.
    let layers: @Sendable (inout GraphBuilder, Value) throws -> Value
  }

  private static func linear(
    _ graph: inout GraphBuilder, _ x: Value, _ name: String, _ outputs: Int, relu: Bool = false
  ) throws -> Value {
    let inputs = graph.extents(of: x)[1]
    let weight = graph.parameter(name + ".weight", [outputs, inputs])
    let y = try graph.linear(x, weight: weight, bias: graph.parameter(name + ".bias", [outputs]))
    return relu ? try graph.relu(y) : y
  }

  private static func convolution(
    _ graph: inout GraphBuilder, _ x: Value, _ name: String, _ outputs: Int, _ window: Window
  ) throws -> Value {
    let weight = graph.parameter(
      name + ".weight",
      [outputs, graph.extents(of: x)[1], window.kernel.height, window.kernel.width])
    return try graph.convolution(
      x, weight: weight, bias: graph.parameter(name + ".bias", [outputs]), window)
  }

  private static let cases = [
    Case(testDescription: "strides and padding", input: [Extents.batch, 1, 28, 28]) { graph, x in
      var y = try convolution(&graph, x, "a", 16, Window(4, stride: 2, padding: 1))
      y = try convolution(&graph, graph.relu(y), "b", 32, Window(4, stride: 2, padding: 1))
      y = try graph.flatten(graph.relu(y))
      return try linear(&graph, linear(&graph, y, "c", 100, relu: true), "d", 10)
    },
    Case(testDescription: "poolings", input: [Extents.batch, 3, 20, 24]) { graph, x in
      let factors = try graph.perChannel(graph.parameter("factor", [3]), like: x)
      var y = try graph.addBias(graph.multiply(x, factors), graph.parameter("offset", [3]))
      y = try convolution(&graph, y, "a", 5, Window(5, padding: 2))
      y = try graph.apply(MaxPool(Window(2, stride: 2)), graph.relu(y))
      y = try convolution(&graph, y, "b", 40, Window(3))
      y = try graph.relu(graph.apply(MaxPool(Window(3, stride: 2)), y))
      y = try graph.flatten(y)
      y = try linear(&graph, linear(&graph, y, "c", 33, relu: true), "d", 20, relu: true)
      return try linear(&graph, y, "e", 7)
    },
    Case(testDescription: "features", input: [Extents.batch, 300]) { graph, x in
      try linear(&graph, linear(&graph, x, "a", 40, relu: true), "b", 3)
    },
    Case(testDescription: "one layer", input: [Extents.batch, 64]) { graph, x in
      try linear(&graph, graph.apply(Elementwise(.affine(factor: 2, offset: -1)), x), "a", 2)
    },
  ]

  @Test("are followed as well as computed at once", arguments: cases)
  func agree(_ test: Case) throws {
    var builder = GraphBuilder()
    let x = builder.input("x", test.input)
    builder.output("y", try test.layers(&builder, x))
    let graph = builder.finish()
    let operands = EngineComparison(graph, batch: 1, seed: 3)
    let store = ParameterStore(operands.parameters, isFrozen: true)
    let plan = try #require(IncrementalPlan(graph, output: "y", parameters: store))
    let memory = IncrementalMemory(plan)
    var generator = RandomKey(seed: 17).child(test.testDescription).generator
    var best = try #require(operands.inputs["x"])
    var followed = 0
    for query in 0..<400 {
      // A window now and then large, kept every third time.
      var next = best
      let side = query % 40 == 39 ? 100 : 1 + query % 3
      change(&next, side, &generator)
      let outputs = try #require(
        try EngineComparison(
          graph, batch: 1, inputs: ["x": next], parameters: operands.parameters
        ).reference()["y"])
      let (found, isDone) = EngineThread.shared.sync { [next] in
        run(plan, memory, next, outputs.count)
      }
      if isDone {
        followed += 1
        let error = relativeDifference(found, outputs)
        #expect(error < 1e-5, "query \(query): \(error)")
      }
      if query % 3 == 2 { best = next }
    }
    #expect(followed > 300, "only \(followed) of 400 were followed")
  }

  private func change(_ input: inout Tensor<Float>, _ side: Int, _ generator: inout Philox) {
    var extents = input.shape.extents
    while extents.count < 4 { extents.insert(1, at: 1) }
    let (rows, columns) = (min(side, extents[2]), min(side, extents[3]))
    let top = generator.integer(below: extents[2] - rows + 1)
    let left = generator.integer(below: extents[3] - columns + 1)
    for channel in 0..<extents[1] {
      for row in top..<top + rows {
        for column in left..<left + columns {
          input[(channel * extents[2] + row) * extents[3] + column] =
            2 * generator.uniform() - 1
        }
      }
    }
  }

  private func run(
    _ plan: IncrementalPlan, _ memory: IncrementalMemory, _ input: Tensor<Float>, _ count: Int
  ) -> (Tensor<Float>, Bool) {
    var isDone = false
    let outputs = Tensor<Float>(shape: [1, count]) { outputs in
      input.withUnsafeScalars {
        isDone = plan.evaluate($0, count: 1, memories: [memory], outputs: outputs).isEmpty
      }
    }
    return (outputs, isDone)
  }

  @Test("other layers are left to whole passes")
  func others() throws {
    func isFollowed(_ layers: (inout GraphBuilder, Value) throws -> Value) throws -> Bool {
      var builder = GraphBuilder()
      let x = builder.input("x", [Extents.batch, 4, 8, 8])
      builder.output("y", try layers(&builder, x))
      let graph = builder.finish()
      let store = ParameterStore(
        EngineComparison(graph, batch: 1, seed: 1).parameters, isFrozen: true)
      return IncrementalPlan(graph, output: "y", parameters: store) != nil
    }
    #expect(
      try isFollowed { graph, x in
        let y = try Self.convolution(&graph, x, "a", 4, Window(3, padding: 1))
        return try Self.linear(&graph, graph.flatten(y), "b", 2)
      })
    #expect(
      try !isFollowed { graph, x in
        let y = try Self.convolution(&graph, x, "a", 4, Window(3, padding: 1))
        return try Self.linear(&graph, graph.flatten(graph.add(x, y)), "b", 2)
      })
    #expect(
      try !isFollowed { graph, x in
        let y = try graph.apply(Elementwise(.sigmoid), x)
        return try Self.linear(&graph, graph.flatten(y), "b", 2)
      })
    #expect(
      try !isFollowed { graph, x in
        try graph.apply(Reduce(axes: [2, 3]), Self.convolution(&graph, x, "a", 4, Window(3)))
      })
  }
}
