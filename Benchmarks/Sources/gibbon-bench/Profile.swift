import Engine
import Foundation
import Graphs
import Models
import Networks
import Tensors

/// Where the time of scores and gradient goes, step by step.
struct Profile {
  private static let repetitions = 15

  private let network: Network
  private let rows: Int
  private let isTraining: Bool

  /// Prepares the profile of an attack's pass, or that of a step of training.
  init(_ architecture: String, rows: String, isTraining: Bool = false) throws {
    self.isTraining = isTraining
    network = try Architecture.named(architecture).network(seed: 1)
    guard let count = Int(rows), 1...4096 ~= count else {
      throw BenchmarkError.rows(rows)
    }
    self.rows = count
  }

  func run() throws {
    let lines: [String] = try EngineThread.shared.sync {
      let plan = try plan()
      var seconds: [[Double]] = []
      var names: [String] = []
      for _ in 0..<Self.repetitions {
        let profile = try plan.profiled()
        names = profile.map(\.step)
        seconds.append(profile.map(\.seconds))
      }
      let medians = names.indices.map { step in
        seconds.map { $0[step] }.sorted()[Self.repetitions / 2]
      }
      return zip(names, medians).map { Self.line($1, $0) } + [
        Self.line(medians.reduce(0, +), "in all; \(plan.arenaByteCount >> 20) MiB for values")
      ]
    }
    print(lines.joined(separator: "\n"))
  }

  private static func line(_ seconds: Double, _ text: String) -> String {
    String(format: "%9.3f ms  ", 1000 * seconds) + text
  }

  /// The plan as a compiled network or the trainer makes it, with random inputs and cotangents.
  private func plan() throws -> Plan {
    let scores = try network.graph.selecting(outputs: [Network.outputName])
    let (graph, parameters) =
      isTraining
      ? (try scores.poolingFirst().normalizingBatches().graph, network.parameters)
      : folded(scores)
    let differentiated = try graph.gradient(
      of: Network.outputName, cotangent: "cotangent",
      withRespectTo: isTraining ? network.trainedNames : [Network.inputName])
    let plan = try Plan(
      differentiated, batch: rows,
      parameters: ParameterStore(parameters, isFrozen: !isTraining),
      lateInput: "cotangent",
      algorithms: Algorithms(for: rows == 1 ? .singleExamples : .batches))
    var generator = RandomKey(seed: 3).generator
    let sizes = [
      (Network.inputName, rows * network.input.shape.count),
      ("cotangent", rows * network.outputCount),
    ]
    for (name, count) in sizes {
      guard let values = plan.input(name) else { continue }
      for index in 0..<count { values[index] = generator.uniform() - 0.5 }
    }
    return plan
  }

  private func folded(_ scores: Graph) -> (Graph, [String: Tensor<Float>]) {
    let (graph, parameters) = scores.foldingNormalization(network.parameters)
    return (graph.poolingFirst(), parameters)
  }
}
