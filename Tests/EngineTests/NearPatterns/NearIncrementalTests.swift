import Engine
import Graphs
import Models
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
      let store = ParameterStore(parameters, isFrozen: !drawing.mayChange)
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
    var before = input
    for _ in 0..<8 {
      // From the last input, or from the one before it, as after a proposal that was turned down.
      let next = drawing.chance(3) ? before : input
      (before, input) = (input, next)
      let infinite = input.scalars.firstIndex { !$0.isFinite }
      // What is not a number must not stay.
      input[infinite ?? drawing.integer(0...input.count - 1)] =
        drawing.chance(8) ? .infinity : drawing.numbers([1])[0]
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
      if wanted.scalars.contains(where: { !$0.isFinite }) { return (followed, .infinity) }
      difference = max(difference, relativeDifference(found, wanted, floor: 1e-3))
    }
    return (followed, difference)
  }
}
