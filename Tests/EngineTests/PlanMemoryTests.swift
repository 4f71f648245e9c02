import Engine
import Graphs
import Models
import Tensors
import Testing

@Suite struct PlanMemoryTests {
  /// Runs of one plan, or of two on one store, which must not leave traces in each other.
  struct Sequence {
    let network: RandomNetwork
    let batches: [Int]
    let tolerance: Double
    var floor = 1e-30

    /// Expects the interpreter's outputs of runs with the operands of some draws, by plans in turns.
    ///
    /// If `frozen`, all runs have the parameters of the first draw; if `late`, the cotangent is written
    /// only when the forward outputs have been read.
    func check(draws: [Int], frozen: Bool, late: Bool, _ comment: String) throws {
      let first = network.operands(batch: 1, draw: draws[0]).parameters
      let runs = draws.enumerated().map { index, draw in
        let batch = batches[index % batches.count]
        return (batch: batch, operands: network.operands(batch: batch, draw: draw))
      }
      let found = try EngineThread.shared.sync { () throws(EngineError) in
        let store = ParameterStore(first, isFrozen: frozen)
        var plans: [Int: Plan] = [:]
        var outputs: [[String: Tensor<Float>]] = []
        for run in runs {
          let plan: Plan
          if let known = plans[run.batch] {
            plan = known
          } else {
            plan = try Plan(
              network.graph, batch: run.batch, parameters: store, lateInput: late ? "dy" : nil)
            plans[run.batch] = plan
          }
          if !frozen {
            for (name, tensor) in run.operands.parameters { try store.update(name, to: tensor) }
          }
          func write(_ name: String, _ tensor: Tensor<Float>) {
            plan.input(name)?.update(from: tensor.scalars, count: tensor.count)
          }
          func read(_ graph: Graph, into result: inout [String: Tensor<Float>]) {
            for (name, value) in graph.outputs where result[name] == nil {
              let shape = graph[value].extents.shape(batch: run.batch)
              guard let pointer = plan.output(name) else { continue }
              result[name] = Tensor(
                Array(UnsafeBufferPointer(start: pointer, count: shape.count)), shape: shape)
            }
          }
          var result: [String: Tensor<Float>] = [:]
          for (name, tensor) in run.operands.inputs where !late || name != "dy" {
            write(name, tensor)
          }
          if late {
            try plan.runUntilLateInput()
            read(network.forward, into: &result)
            if let dy = run.operands.inputs["dy"] { write("dy", dy) }
            try plan.runFromLateInput()
          } else {
            try plan.run()
          }
          read(network.graph, into: &result)
          outputs.append(result)
        }
        return outputs
      }
      for (index, run) in runs.enumerated() {
        let parameters = frozen ? first : run.operands.parameters
        let expected = try Interpreter(network.graph)(
          run.operands.inputs.mapValues { $0.converted(to: Double.self) },
          parameters: parameters.mapValues { $0.converted() })
        for (name, value) in expected {
          let error = relativeDifference(
            try #require(found[index][name]), value, floor: floor)
          #expect(
            error <= tolerance,
            "\(comment), frozen \(frozen), late \(late), run \(index), \(name)")
        }
      }
    }
  }

  /// Whether all sums of the graph on these operands are small enough to have no rounding error.
  private func isExact(_ network: RandomNetwork, batch: Int, draw: Int) throws -> Bool {
    let operands = network.operands(batch: batch, draw: draw)
    var builder = GraphBuilder(continuing: network.graph)
    for (index, node) in network.graph.nodes.enumerated() where !node.operands.isEmpty {
      builder.output("node \(index)", Value(index: index))
    }
    let values = try Interpreter(builder.finish())(
      operands.inputs.mapValues { $0.converted(to: Double.self) },
      parameters: operands.parameters.mapValues { $0.converted() })
    return values.values.allSatisfy { tensor in
      tensor.scalars.allSatisfy { abs($0) < 0x1p15 && $0 * 0x1p8 == ($0 * 0x1p8).rounded() }
    }
  }

  static let seeds = Array(0..<30)
  static let batches = [[1], [2, 5], [3], [7, 1]]

  @Test(arguments: seeds)
  func graphsOfWholeNumbersAreExact(seed: Int) throws {
    let network = try RandomNetwork(.exact, seed: seed)
    let batches = Self.batches[seed % Self.batches.count]
    var draws: [Int] = []
    for draw in 0..<40 where draws.count < 3 {
      if try batches.allSatisfy({ try isExact(network, batch: $0, draw: draw) }) {
        draws.append(draw)
      }
    }
    try #require(draws.count == 3, "seed \(seed): the numbers grow too large")
    let sequence = Sequence(network: network, batches: batches, tolerance: 0)
    let order = [draws[0], draws[1], draws[0], draws[2], draws[2], draws[1], draws[0]]
    for late in [false, true] {
      try sequence.check(draws: order, frozen: false, late: late, "seed \(seed)")
    }
    // Other inputs with the first draw's parameters need not be exact.
    try sequence.check(draws: [order[0], order[0]], frozen: true, late: true, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func smoothGraphsAgree(seed: Int) throws {
    let network = try RandomNetwork(.smooth, seed: seed)
    let sequence = Sequence(
      network: network, batches: Self.batches[seed % Self.batches.count], tolerance: 3e-5,
      floor: 0.1)
    for (frozen, late) in [(false, false), (false, true), (true, true)] {
      try sequence.check(
        draws: [0, 1, 0, 2, 1], frozen: frozen, late: late, "seed \(seed)")
    }
  }

  @Test("a wrong or missing parameter is refused", arguments: [true, false])
  func parameters(frozen: Bool) throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 4])
    let scaled = try builder.scale(builder.parameter("weight", [3, 4]), by: 2)
    builder.output("y", try builder.linear(x, weight: scaled, bias: nil))
    let graph = builder.finish()
    for parameters in [[:], ["weight": Tensor<Float>.zeros([4, 4])]] {
      #expect(throws: EngineError.self) {
        try EngineThread.shared.sync { () throws(EngineError) in
          _ = try Plan(graph, batch: 1, parameters: ParameterStore(parameters, isFrozen: frozen))
        }
      }
    }
  }

  @Test("a late input that is declared first does not hold up what does not need it")
  func lateInputDeclaredFirst() throws {
    var builder = GraphBuilder()
    let late = builder.input("late", [Extents.batch, 4])
    let x = builder.input("x", [Extents.batch, 4])
    let square = try builder.apply(Elementwise(.square), x)
    builder.output("early", square)
    builder.output("product", try builder.multiply(square, late))
    let graph = builder.finish()
    let (early, product) = try EngineThread.shared.sync { () throws(EngineError) in
      let store = ParameterStore([:], isFrozen: false)
      let plan = try Plan(graph, batch: 1, parameters: store, lateInput: "late")
      for index in 0..<4 { plan.input("x")?[index] = Float(index + 1) }
      try plan.runUntilLateInput()
      let early = (0..<4).map { plan.output("early")?[$0] }
      for index in 0..<4 { plan.input("late")?[index] = early[index].map { -$0 } ?? 0 }
      try plan.runFromLateInput()
      return (early, (0..<4).map { plan.output("product")?[$0] })
    }
    #expect(early == [1, 4, 9, 16])
    #expect(product == [-1, -16, -81, -256])
  }
}
