import Graphs
import Tensors
import Testing

/// The laws that every row of the table obeys, whatever the operator.
struct OperatorGradientTests {
  @Test(arguments: OperatorTable.all)
  func gradientEqualsFiniteDifferences(_ row: OperatorCase) throws {
    let graph = try row.graph()
    var largest = 0.0
    for output in graph.outputs.map(\.name) {
      let (extended, point) = try differentiated(row, graph, output)
      let gradients = try point.values(of: extended)
      let weight = try #require(point["cotangent"])
      for name in row.names {
        let expected = try point.finiteDifferences(
          of: output, in: graph, weight: weight, along: name)
        let gradient = gradients[Graph.gradientName(name)]
        try expectAgreement(
          gradient, expected, within: 1e-6, "gradient of \(output) along \(name)")
        largest = max(largest, magnitude(expected))
      }
    }
    // A gradient that is zero where it is tested would prove nothing.
    #expect(row.isFlat ? largest == 0 : largest > 1e-3)
  }

  @Test(arguments: OperatorTable.all)
  func gradientOfGradientEqualsFiniteDifferences(_ row: OperatorCase) throws {
    let graph = try row.graph()
    for output in graph.outputs.map(\.name) {
      let (extended, point) = try differentiated(row, graph, output)
      let (curved, direction) = try contracted(row, extended, point)
      let twice = try curved.gradient(
        of: "contraction", cotangent: "seed", withRespectTo: row.names + direction.names)
      var seeded = direction.point
      seeded.inputs["seed"] = Tensor(1)
      let gradients = try seeded.values(of: twice)
      for name in row.names + direction.names {
        let expected = try direction.point.finiteDifferences(
          of: "contraction", in: curved, weight: Tensor(1), along: name)
        try expectAgreement(
          gradients[Graph.gradientName(name)], expected, within: 1e-5,
          "second gradient of \(output) along \(name)")
      }
    }
  }

  @Test(arguments: OperatorTable.all)
  func precisionsAgree(_ row: OperatorCase) throws {
    let graph = try row.graph()
    for output in graph.outputs.map(\.name) {
      let (extended, point) = try differentiated(row, graph, output)
      let expected = try point.values(of: extended)
      let found = try point.singleValues(of: extended)
      #expect(found.keys.sorted() == expected.keys.sorted())
      for (name, value) in found {
        try expectAgreement(
          value.converted(), expected[name], within: 1e-5, floor: 1, "\(name) in single precision")
      }
    }
  }

  /// The graph with the gradients of one output, and the row's point with its cotangent.
  private func differentiated(
    _ row: OperatorCase, _ graph: Graph, _ output: String
  ) throws -> (graph: Graph, point: Point) {
    var point = row.point()
    let extents = graph[try graph.output(output)].extents
    point.inputs["cotangent"] = Domain.awayFromZero.draw(
      extents.shape(batch: OperatorCase.batch), from: row.key.child(output))
    let extended = try graph.gradient(
      of: output, cotangent: "cotangent", withRespectTo: row.names)
    return (extended, point)
  }

  /// The sum over all gradients of gradient times a random direction, as a graph of one output.
  private func contracted(
    _ row: OperatorCase, _ extended: Graph, _ point: Point
  ) throws -> (graph: Graph, direction: (names: [String], point: Point)) {
    var builder = GraphBuilder(continuing: extended)
    var point = point
    var total = builder.constant(Tensor(0))
    var names: [String] = []
    // Where no gradient needs the cotangent, pruning has removed it.
    if extended.inputs.contains(where: { $0.name == "cotangent" }) { names.append("cotangent") }
    for (name, operand) in zip(row.names, row.operands) {
      let direction = "direction of \(name)"
      let gradient = try extended.output(Graph.gradientName(name))
      let product = try builder.multiply(
        builder.input(direction, operand.extents), gradient)
      let sum = try builder.apply(Reduce(axes: Array(0..<operand.extents.rank)), product)
      total = try builder.add(total, sum)
      names.append(direction)
      point.inputs[direction] = Domain.awayFromZero.draw(
        operand.extents.shape(batch: OperatorCase.batch), from: row.key.child(direction))
    }
    // Not pruned, so that operands on which no gradient depends can still be named.
    return (Graph(nodes: builder.nodes, outputs: [("contraction", total)]), (names, point))
  }
}
