import Engine
import Graphs
import Models
import Networks
import Tensors

/// A network of an ONNX file, run on rows of floats.
struct ModelRun {
  let network: Network

  init(path: String) throws { self.init(try ONNXFile(path: path).network) }

  init(_ network: Network) { self.network = network }

  /// The weight of each score in the function whose gradients are compared: cos(j + 1).
  func weights() -> [Float] {
    (0..<network.outputCount).map { index in
      let angle = Double(index + 1)
      return Float(Elementwise(.cos).value(of: [Tensor(angle)], shape: []).scalars[0])
    }
  }

  func describe() throws {
    print("input \(network.input.shape.extents.map(String.init).joined(separator: ","))")
    print("outputs \(network.outputCount)")
    print("nodes \(network.graph.nodes.count)")
    for node in network.graph.nodes {
      if case .operation(let op, _, let extents) = node { print("  \(op.name) \(extents)") }
    }
  }

  /// Writes the scores of rows, and the gradients of their weighted sum, as the engine computes them.
  func scores(of inputs: String, to scorePath: String, _ gradientPath: String) throws {
    let (scores, gradients) = try gradients(try RawFloats.read(inputs), algorithms: .fastest)
    try RawFloats.write(scores, to: scorePath)
    try RawFloats.write(gradients, to: gradientPath)
  }

  /// The scores of rows, and the gradients of their weighted sum, as the engine computes them.
  func gradients(
    _ rows: [Float], algorithms: Algorithms.Policy
  ) throws -> (scores: [Float], gradients: [Float]) {
    let (network, weights) = (network, weights())
    let size = network.input.shape.count
    let count = rows.count / size
    let inputs = Tensor(rows, shape: network.input.shape.prepending(count))
    return try EngineThread.shared.sync { () throws -> ([Float], [Float]) in
      let compiled = try CompiledNetwork(network, algorithms: algorithms)
      var (scores, gradients): ([Float], [Float]) = ([], [])
      let step = size > 50_000 ? 10 : 50
      for first in stride(from: 0, to: count, by: step) {
        let part = inputs.rows(first..<min(first + step, count))
        let cotangents = Tensor.stacking(
          Array(repeating: Tensor(weights, shape: [weights.count]), count: part.shape[0]))
        let answer = try compiled.differentiate(part) { _ in cotangents }
        scores += answer.outputs.scalars
        gradients += answer.gradients.scalars
      }
      return (scores, gradients)
    }
  }

  /// Writes the central differences, in double precision by the definition, of the weighted sum of the scores.
  func slopes(
    at inputs: String, along directions: String, step: String, to path: String
  ) throws {
    let (rows, ways) = (try RawFloats.read(inputs), try RawFloats.read(directions))
    let size = network.input.shape.count
    let step = Double(step) ?? 1e-6
    let weights = weights()
    let interpreter = Interpreter(network.graph)
    let parameters = network.parameters.mapValues { $0.converted(to: Double.self) }
    func sums(_ sign: Double) throws -> [Double] {
      let moved = zip(rows, ways).map { Double($0) + sign * step * Double($1) }
      let shape = network.input.shape.prepending(rows.count / size)
      let outputs = try interpreter(
        [Network.inputName: Tensor(moved, shape: shape)], parameters: parameters)
      let scores = outputs[Network.outputName]?.scalars ?? []
      return stride(from: 0, to: scores.count, by: weights.count).map { first in
        weights.indices.reduce(0) { $0 + Double(weights[$1]) * scores[first + $1] }
      }
    }
    let (above, below) = (try sums(1), try sums(-1))
    try RawFloats.write(zip(above, below).map { Float(($0 - $1) / (2 * step)) }, to: path)
  }

  /// Writes the scores of rows alone.
  func logits(of inputs: String, to path: String) throws {
    let rows = try RawFloats.read(inputs)
    let (network, shape) = (network, network.input.shape)
    let scores = try EngineThread.shared.sync { () throws -> Tensor<Float> in
      try CompiledNetwork(network).evaluate(
        Tensor(rows, shape: shape.prepending(rows.count / shape.count)),
        batch: shape.count > 50_000 ? 16 : 128)
    }
    try RawFloats.write(scores.scalars, to: path)
  }

  /// Prints the seconds that the file took to be read, and those from its opening to its first scores.
  static func time(_ path: String, algorithms kind: String) throws {
    let algorithms = try policy(kind)
    let clock = ContinuousClock()
    let start = clock.now
    let network = try ONNXFile(path: path).network
    let read = clock.now
    let row = Tensor<Float>(repeating: 0.5, shape: network.input.shape.prepending(1))
    _ = try EngineThread.shared.sync { () throws in
      try CompiledNetwork(network, algorithms: algorithms).evaluate(row)
    }
    print("read \((read - start) / .seconds(1)) first \((clock.now - start) / .seconds(1))")
  }

  /// How convolutions are computed, by name.
  static func policy(_ name: String) throws -> Algorithms.Policy {
    switch name {
    case "fastest": .fastest
    case "exact": .exact
    case "winograd": .preferred(.winograd(tile: 4))
    default: throw UnknownAlgorithms(name: name)
    }
  }
}

private struct UnknownAlgorithms: Error, CustomStringConvertible {
  let name: String
  var description: String { "algorithms \(name): expected fastest, exact or winograd" }
}
