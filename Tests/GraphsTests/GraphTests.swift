import Graphs
import Tensors
import Testing

struct GraphTests {
  /// y = tanh(x), z = exp(p), and a sum that nothing uses.
  private func sample() throws -> Graph {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2])
    let unused = builder.input("unused", [Extents.batch, 2])
    let p = builder.parameter("p", [3])
    let dead = try builder.add(x, unused)
    _ = try builder.relu(dead)
    let y = try builder.apply(Elementwise(.tanh), x)
    let z = try builder.apply(Elementwise(.exp), p)
    builder.output("y", y)
    builder.output("z", z)
    return builder.finish()
  }

  @Test func listsInputsParametersAndOutputs() throws {
    let graph = try sample()
    #expect(graph.inputs.map(\.name) == ["x", "unused"])
    #expect(graph.parameters.map(\.name) == ["p"])
    #expect(graph.outputs.map(\.name) == ["y", "z"])
    #expect(try graph.output("z") == graph.outputs[1].value)
    #expect(graph[try graph.output("y")].extents == [Extents.batch, 2])
    #expect(graph.useCounts == [2, 1, 1, 1, 0, 1, 1])
  }

  @Test func pruningRemovesExactlyTheDead() throws {
    let pruned = try sample().pruned()
    #expect(pruned.operatorNames == ["tanh", "exp"])
    #expect(pruned.inputs.map(\.name) == ["x"])
    #expect(pruned.parameters.map(\.name) == ["p"])
    #expect(pruned.outputs.map(\.name) == ["y", "z"])
    #expect(pruned.pruned().nodes.count == pruned.nodes.count)
  }

  @Test func selectingKeepsOnlyWhatTheOutputsNeed() throws {
    let selected = try sample().selecting(outputs: ["z"])
    #expect(selected.operatorNames == ["exp"])
    #expect(selected.inputs.isEmpty)
    #expect(selected.outputs.map(\.name) == ["z"])
    let values = try Interpreter(selected)(
      [:], parameters: ["p": Tensor<Double>([0, 1, -1], shape: [3])])
    #expect(values["z"]?.scalars.map { Double.log($0) } == [0, 1, -1])
    #expect(try sample().selecting(outputs: ["z", "y"]).outputs.map(\.name) == ["z", "y"])
  }

  @Test func namesUnknownOutputs() throws {
    let expected = GraphError.unknownName("q", kind: "output", known: ["y", "z"])
    #expect(throws: expected) { try sample().output("q") }
    #expect(throws: expected) { try sample().selecting(outputs: ["y", "q"]) }
    #expect(expected.description == "no output is named \"q\"; known: y, z")
  }

  @Test func continuingKeepsValues() throws {
    let graph = try sample()
    var builder = GraphBuilder(continuing: graph)
    let y = try graph.output("y")
    builder.output("2y", try builder.add(y, y))
    let extended = builder.finish()
    #expect(extended.outputs.map(\.name) == ["y", "z", "2y"])
    #expect(extended.nodes.count == graph.nodes.count + 1)
    #expect(try extended.output("y") == y)
  }

  @Test func describesExtents() {
    #expect(Extents(batchOf: [1, 28, 28]).description == "Nx1x28x28")
    #expect(([] as Extents).description == "scalar")
    #expect(Extents(batchOf: [3, 4]).countPerExample == 12)
    #expect(Extents(batchOf: [3, 4]).shape(batch: 5) == [5, 3, 4])
    #expect(([2, 3] as Extents).shape(batch: 5) == [2, 3])
    #expect(Extents(batchOf: []).isBatched && !([2] as Extents).isBatched)
  }
}
