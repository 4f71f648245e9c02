import Engine
import Graphs
import Models
import Tensors
import TestSupport
import Testing

@Suite struct MemoryTests {
  private func plan(batch: Int, limit: Int?) throws -> Int {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 3, 40, 40])
    let weight = builder.parameter("weight", [32, 3, 3, 3])
    builder.output(
      "y", try builder.convolution(x, weight: weight, bias: nil, Window(3, padding: 1)))
    let graph = builder.finish()
    let values = ["weight": Tensor<Float>(repeating: 1, shape: [32, 3, 3, 3])]
    return try EngineThread.shared.sync { () throws(EngineError) in
      let store = ParameterStore(values, isFrozen: true, memory: MemoryLimit { limit })
      return try Plan(graph, batch: batch, parameters: store).arenaByteCount
    }
  }

  @Test(arguments: [8, 33])
  func `a plan is refused exactly where it does not fit`(batch: Int) throws {
    let byteCount = try plan(batch: batch, limit: nil)
    #expect(byteCount > 1 << 20)
    #expect(try plan(batch: batch, limit: byteCount) == byteCount)
    for limit in [byteCount - 1, 1 << 20, 0] {
      let error = #expect(throws: EngineError.self) { try plan(batch: batch, limit: limit) }
      guard case .memory(let purpose, let needed, let available)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(available == limit && needed > limit && needed <= byteCount)
      #expect(error?.shortage?.needed == needed && error?.shortage?.available == limit)
      #expect(
        error?.description
          == "\(purpose) needs at least \(needed) bytes of memory, and \(limit) are available")
    }
  }

  @Test func `an enormous plan is refused at once`() throws {
    let seconds = ProcessorTime.seconds {
      let error = #expect(throws: EngineError.self) {
        try plan(batch: 1_000_000_000, limit: 1 << 36)
      }
      #expect(error?.description.hasPrefix("a pass of 1000000000 examples needs") == true)
    }
    #expect(seconds < 5)
  }
}
