import Engine
import Graphs
import Networks
import Tensors

/// Many files with inputs of their own, each read, computed and differentiated.
enum FileRun {
  /// Runs the files that standard input names, and prints a line for each.
  ///
  /// A line has the model, its inputs, and where scores and gradients go, separated by tabulators. Printed are the model,
  /// "read" or "refused", and the operators that the engine is left with, or why the file is refused.
  static func runAll() {
    while let line = readLine() {
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 4 else { continue }
      do {
        let network = try ONNXFile(path: fields[0]).network
        let (scores, gradients) = try ModelRun(network).gradients(
          try RawFloats.read(fields[1]), algorithms: .exact)
        try RawFloats.write(scores, to: fields[2])
        try RawFloats.write(gradients, to: fields[3])
        print("\(fields[0])\tread\t\(operators(network).joined(separator: ","))")
      } catch {
        print("\(fields[0])\trefused\t\(error)")
      }
    }
  }

  /// What the forward pass consists of; "folded" stands for a layer that took in what scales its channels.
  private static func operators(_ network: Network) -> [String] {
    let (graph, parameters) = network.graph.foldingNormalization(network.parameters)
    let folded = parameters.keys.filter { $0.hasPrefix("folded(") && $0.hasSuffix("weight") }
    let names = graph.poolingFirst().nodes.compactMap { node in
      if case .operation(let op, _, _) = node { op.name } else { nil }
    }
    return names + folded.map { _ in "folded" }
  }
}
