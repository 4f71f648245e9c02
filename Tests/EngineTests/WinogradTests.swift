import Engine
import Graphs
import Tensors
import Testing

@Suite("Winograd convolutions")
struct WinogradTests {
  /// A convolution with all that can follow it, and its gradients.
  struct Case: Sendable, CustomTestStringConvertible {
    let kernel: Int
    let tile: Int
    let channels: Int
    let outputs: Int
    let size: (Int, Int)
    let padding: Int

    var testDescription: String {
      "\(kernel)x\(kernel), tiles of \(tile), \(channels) x \(size) -> \(outputs), padding \(padding)"
    }
  }

  private static let cases: [Case] = [(3, 2), (3, 4), (3, 6), (5, 2), (5, 4)].flatMap {
    (kernel: Int, tile: Int) in
    [
      Case(kernel: kernel, tile: tile, channels: 8, outputs: 16, size: (9, 7), padding: kernel / 2),
      Case(kernel: kernel, tile: tile, channels: 24, outputs: 8, size: (5, 12), padding: 0),
      Case(kernel: kernel, tile: tile, channels: 48, outputs: 40, size: (6, 6), padding: 1),
      Case(
        kernel: kernel, tile: tile, channels: 16, outputs: 32, size: (1, 3), padding: kernel - 1),
    ]
  }

  @Test("agree with the definition, with bias, residual sum and ReLU", arguments: cases)
  func agree(_ test: Case) throws {
    for batch in [1, 3, 14] {
      let comparison = EngineComparison(try network(test), batch: batch, seed: UInt64(batch))
      try comparison.check(
        tolerance: 3e-5, algorithms: .preferred(.winograd(tile: test.tile)), test.testDescription)
    }
  }

  /// x -> two layers with a residual sum -> y, with gradients of everything.
  private func network(_ test: Case) throws -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, test.channels, test.size.0, test.size.1])
    let window = Window(test.kernel, padding: test.padding)
    func layer(_ name: String, _ x: Value, _ count: Int, _ window: Window) throws -> Value {
      let channels = graph.extents(of: x)[1]
      let weight = graph.parameter(
        name + ".weight", [count, channels, window.kernel.height, window.kernel.width])
      let bias = graph.parameter(name + ".bias", [count])
      // Factors that keep values of one size.
      let scaled = try graph.scale(weight, by: 1 / Float(channels * 3).squareRoot())
      return try graph.convolution(x, weight: scaled, bias: bias, window)
    }
    let first = try graph.relu(layer("first", x, test.outputs, window))
    let same = Window(test.kernel, padding: test.kernel / 2)
    let second = try layer("second", first, test.outputs, same)
    let third = try layer("third", first, test.outputs, Window(1))
    let y = try graph.relu(graph.add(second, third))
    graph.output("y", try layer("last", y, 8, same))
    let names = ["x", "first.weight", "second.weight", "second.bias"]
    return try graph.finish().gradient(of: "y", cotangent: "dy", withRespectTo: names)
  }

  @Test("a NaN stays one through the ReLU that follows")
  func notANumber() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 8, 6, 6])
    let weight = graph.parameter("weight", [8, 8, 3, 3])
    graph.output("y", try graph.relu(graph.convolution(x, weight: weight, bias: nil, Window(3))))
    var comparison = EngineComparison(graph.finish(), batch: 1, seed: 1)
    comparison.inputs["x"] = Tensor(
      [Float](repeating: .nan, count: 288), shape: [1, 8, 6, 6])
    let found = try comparison.compiled(
      frozen: true, algorithms: .preferred(.winograd(tile: 4)))
    let y = try #require(found["y"])
    #expect(y.scalars.allSatisfy { $0.isNaN })
  }
}
