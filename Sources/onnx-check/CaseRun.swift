import Engine
import Files
import Graphs
import Models
import Networks
import Tensors

/// One of ONNX's own test cases: a folder with a model and sets of inputs and outputs.
struct CaseRun {
  /// Runs the cases that standard input names, and prints a line for each.
  ///
  /// A line has a folder, and the relative and the absolute tolerance, separated by tabulators.
  static func runAll() {
    while let line = readLine() {
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 3, let relative = Double(fields[1]), let absolute = Double(fields[2])
      else { continue }
      let folder = fields[0]
      for isVectorized in [false, true] {
        let verdict: String
        do {
          verdict = try CaseRun(
            folder: folder, relative: relative, absolute: absolute, isVectorized: isVectorized
          ).verdict()
        } catch let error as ONNXError {
          verdict = "refused\t\(error)"
        } catch {
          verdict = "failed\t\(error)"
        }
        print("\(folder)\t\(isVectorized ? "vectorised" : "plain")\t\(verdict)")
      }
    }
  }

  let folder: String
  let relative: Double
  let absolute: Double
  let isVectorized: Bool

  private func files(_ kind: String) -> [String] {
    (0..<64).map { "\(folder)/test_data_set_0/\(kind)_\($0).pb" }.filter { WholeFile.exists($0) }
  }

  private func verdict() throws -> String {
    let inputs = try files("input").map { try WholeFile.read($0) }
    let outputs = try files("output").map { try ONNXCase.result(try WholeFile.read($0), name: $0) }
    if isVectorized, inputs.isEmpty { return "skipped\tno inputs" }
    let read = try ONNXCase(
      bytes: try WholeFile.read("\(folder)/model.onnx"), name: folder, tensors: inputs,
      isVectorized: isVectorized)
    var bound: [String: Tensor<Float>] = [:]
    if let (name, value) = read.graph.inputs.first {
      let example = try ONNXCase.result(inputs[0], name: folder)
      // Three examples, of which the second is another, so that a mixture would be seen.
      let values = example.values.map { Float($0) }
      bound[name] = Tensor(
        values + values.map { $0 * 0.5 + 0.125 } + values,
        shape: read.graph[value].extents.shape(batch: 3))
    } else if isVectorized {
      return "skipped\tits first input is no batch of floats"
    }
    let batch = bound.isEmpty ? 1 : 3
    let defined = try Interpreter(read.graph)(bound, parameters: read.parameters)
    let computed = try engine(read, bound, batch: batch)
    for (index, expected) in outputs.enumerated() {
      guard read.shapes.indices.contains(index) else { return "failed\toutput \(index) is missing" }
      guard read.shapes[index] == expected.shape else {
        return "failed\toutput \(index) is \(read.shapes[index]), expected \(expected.shape)"
      }
      if let known = read.known[index] {
        if let problem = difference(known.values, expected.values) {
          return "failed\tknown output \(index): \(problem)"
        }
        continue
      }
      for (kind, results) in [("definition", defined), ("engine", computed)] {
        let values = results[String(index)]?.scalars.map { Double($0) } ?? []
        for row in values.count == expected.values.count ? [0] : [0, batch - 1] {
          let part = Array(
            values.dropFirst(row * expected.values.count).prefix(expected.values.count))
          if let problem = difference(part, expected.values) {
            return "failed\t\(kind), output \(index), row \(row): \(problem)"
          }
        }
      }
    }
    return "passed\t" + (try slope(read, bound) ?? "")
  }

  private func engine(
    _ read: ONNXCase, _ bound: [String: Tensor<Float>], batch: Int
  ) throws -> [String: Tensor<Float>] {
    if read.graph.outputs.isEmpty { return [:] }
    let (graph, parameters) = (read.graph, read.parameters)
    return try EngineThread.shared.sync { () throws -> [String: Tensor<Float>] in
      let plan = try Plan(
        graph, batch: batch, parameters: ParameterStore(parameters, isFrozen: false))
      for (name, tensor) in bound {
        plan.input(name)?.update(from: tensor.scalars, count: tensor.count)
      }
      try plan.run()
      var results: [String: Tensor<Float>] = [:]
      for (name, value) in graph.outputs {
        let shape = graph[value].extents.shape(batch: batch)
        let pointer = plan.output(name)
        results[name] = Tensor((0..<shape.count).compactMap { pointer?[$0] }, shape: shape)
      }
      return results
    }
  }

  /// The largest difference that is not forgiven, by the case's tolerances.
  private func difference(_ values: [Double], _ expected: [Double]) -> String? {
    guard values.count == expected.count else {
      return "\(values.count) values, expected \(expected.count)"
    }
    for (index, (value, wanted)) in zip(values, expected).enumerated() {
      if value.isNaN && wanted.isNaN || value == wanted { continue }
      guard abs(value - wanted) <= absolute + relative * abs(wanted) else {
        return "value \(index) is \(value), expected \(wanted)"
      }
    }
    return nil
  }

  /// Compares the gradient of the first output along a direction with central differences; a remark if they differ.
  private func slope(_ read: ONNXCase, _ bound: [String: Tensor<Float>]) throws -> String? {
    guard let (name, _) = read.graph.inputs.first, let input = bound[name],
      let (output, value) = read.graph.outputs.first
    else { return nil }
    let graph = try read.graph.gradient(
      of: output, cotangent: "cotangent", withRespectTo: [name])
    var key = RandomKey(seed: 5).child(folder).generator
    let way = input.scalars.map { _ in Double(2 * key.uniform() - 1) }
    let shape = read.graph[value].extents.shape(batch: 3)
    let cotangent = Tensor(
      (0..<shape.count).map { _ in Double(2 * key.uniform() - 1) }, shape: shape)
    let parameters = read.parameters.mapValues { $0.converted(to: Double.self) }
    let inputs = [name: input.converted(to: Double.self), "cotangent": cotangent]
    let gradient = try Interpreter(try graph.selecting(outputs: [Graph.gradientName(name)]))(
      inputs, parameters: parameters)[Graph.gradientName(name)]
    func sum(_ step: Double) throws -> Double {
      let moved = zip(input.scalars, way).map { Double($0) + step * $1 }
      let y = try Interpreter(try read.graph.selecting(outputs: [output]))(
        [name: Tensor(moved, shape: input.shape)], parameters: parameters)[output]
      return zip(y?.scalars ?? [], cotangent.scalars).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = (try sum(1e-6) - sum(-1e-6)) / 2e-6
    let found = zip(gradient?.scalars ?? [], way).reduce(0) { $0 + $1.0 * $1.1 }
    guard expected.isFinite, found.isFinite else { return "slope \(found), expected \(expected)" }
    return abs(expected - found) <= 1e-4 * max(1, abs(expected))
      ? nil : "slope \(found), expected \(expected)"
  }
}

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

/// Files of raw little-endian floats.
enum RawFloats {
  static func read(_ path: String) throws -> [Float] {
    let bytes = try WholeFile.read(path)
    return bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }

  static func write(_ values: [Float], to path: String) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    try AtomicFile.write(bytes, to: path)
  }
}
