import Graphs
import Tensors
import Testing

struct RandomGraphTests {
  static let seeds = Array(0..<40)

  @Test(arguments: seeds)
  func gradientEqualsFiniteDifferences(seed: Int) throws {
    let random = try RandomGraph(seed: seed)
    let names = (random.graph.inputs + random.graph.parameters).map(\.name)
    let extended = try random.graph.gradient(of: "y", cotangent: "dy", withRespectTo: names)
    var point = random.point
    point.inputs["dy"] = Tensor(1)
    let gradients = try point.values(of: extended)
    for name in names {
      let expected = try random.point.finiteDifferences(
        of: "y", in: random.graph, weight: Tensor(1), along: name)
      try expectAgreement(
        gradients[Graph.gradientName(name)], expected, within: 1e-6, "gradient along \(name)")
    }
  }

  @Test(arguments: seeds)
  func pruningKeepsValuesAndRemovesExactlyTheDead(seed: Int) throws {
    let random = try RandomGraph(seed: seed)
    let nodes = random.graph.nodes
    // With every node as an output nothing is dead.
    let everything = try naming(nodes)
    #expect(everything.pruned().nodes.count == nodes.count)

    let pruned = try random.graph.selecting(outputs: ["y"])
    var alive: Set<Int> = []
    var open = [try random.graph.output("y")]
    while let value = open.popLast() {
      if alive.insert(value.index).inserted { open += nodes[value.index].operands }
    }
    #expect(pruned.nodes.count == alive.count)

    let values = try random.point.values(of: everything)
    let y = try #require(try random.point.values(of: pruned)["y"])
    #expect(y == values["node \(try random.graph.output("y").index)"])
  }

  /// The same nodes written again, each named as an output.
  private func naming(_ nodes: [Node]) throws -> Graph {
    var builder = GraphBuilder()
    for (index, node) in nodes.enumerated() {
      let value =
        switch node {
        case .input(let name, let extents): builder.input(name, extents)
        case .parameter(let name, let shape): builder.parameter(name, shape)
        case .constant(let tensor): builder.constant(tensor)
        case .operation(let op, let operands, _): try builder.apply(op, to: operands)
        }
      builder.output("node \(index)", value)
    }
    return builder.finish()
  }

  @Test func sampleHasDeadNodesAndSharedValues() throws {
    let graphs = try RandomGraphTests.seeds.map { try RandomGraph(seed: $0).graph }
    let withDead = try graphs.filter {
      try $0.selecting(outputs: ["y"]).nodes.count < $0.nodes.count
    }
    let withShared = try graphs.filter {
      try $0.selecting(outputs: ["y"]).useCounts.contains { $0 > 1 }
    }
    #expect(withDead.count >= 10)
    #expect(withShared.count >= 10)
  }

  @Test(arguments: seeds)
  func precisionsAgree(seed: Int) throws {
    let random = try RandomGraph(seed: seed)
    let single = try random.point.singleValues(of: random.graph)
    let double = try random.point.values(of: random.graph)
    for (name, value) in single {
      try expectAgreement(value.converted(), double[name], within: 1e-5, floor: 1, name)
    }
  }
}
