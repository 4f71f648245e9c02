import Engine
import Foundation
import Graphs
import Networks
import Tensors

/// The time of each step of the plan of scores and gradient.
struct Profile {
  let architecture: String
  let rows: Int

  func run() throws {
    let network = try Architecture.named(architecture).network(seed: 1)
    let forward = try network.graph.selecting(outputs: [Network.outputName]).poolingFirst()
    let graph = try forward.gradient(
      of: Network.outputName, cotangent: "cotangent", withRespectTo: [Network.inputName])
    let rows = rows
    let lines: [String] = try EngineThread.shared.sync { () throws(EngineError) in
      let store = ParameterStore(network.parameters, isFrozen: true)
      let plan = try Plan(
        graph, batch: rows, parameters: store, lateInput: "cotangent", algorithms: Algorithms())
      var generator = RandomKey(seed: 3).generator
      if let x = plan.input(Network.inputName) {
        for index in 0..<rows * network.input.shape.count { x[index] = generator.uniform() }
      }
      if let c = plan.input("cotangent") {
        for index in 0..<rows * network.outputCount { c[index] = generator.uniform() - 0.5 }
      }
      var times: [[Double]] = []
      var names: [String] = []
      for _ in 0..<15 {
        let profile = try plan.profiled()
        names = profile.map(\.step)
        if times.isEmpty { times = names.map { _ in [] } }
        for (index, entry) in profile.enumerated() { times[index].append(entry.seconds) }
      }
      let medians = times.map { $0.sorted()[$0.count / 2] }
      return zip(names, medians).map { String(format: "%8.3f ms  ", 1000 * $1) + $0 } + [
        String(
          format: "%8.3f ms  sum, arena %.1f MB", 1000 * medians.reduce(0, +),
          Double(plan.arenaByteCount) * 1e-6)
      ]
    }
    print(lines.joined(separator: "\n"))
  }
}
