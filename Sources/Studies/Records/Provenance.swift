import Crypto
import Datasets
package import Engine
import Files
import Graphs
package import JSON
package import Models
import Networks
import Robustness
import Settings
import Tensors

/// What the requests of runs have in common, which their results tell.
protocol RecordedRequest {
  var subject: Subject { get }
  var data: Dataset { get }
  var threat: ThreatReference { get }
  var seed: UInt64 { get }
  var command: [String] { get }
  var specification: (any Specification)? { get }
}

extension RecordedRequest {
  /// A file of changed inputs beside the originals: `x`, `witness`, `index`; where there are classes, what both are taken for
  /// (`prediction`, `witness_prediction`), the arrays of `RoundingRecord` and what columns say.
  ///
  /// - Parameters:
  ///   - changes: Examples and what became of them.
  ///   - predictions: What each is taken for as it is and changed, `nil` where that is not known.
  ///   - margins: How clearly each is broken.
  /// - Returns: The file, to which what only one kind of run knows is added.
  func adversarialExamples(
    _ changes: [(example: Example, changed: Tensor<Float>)],
    predictions: [(before: Int?, after: Int?)], margins: [(margin: Double, rounding: Rounding)]
  ) -> SafeTensorsFile {
    var file = SafeTensorsFile(name: "witnesses")
    let count = changes.count
    let shape = subject.input.shape.prepending(count)
    file.tensors["x"] = Tensor(changes.flatMap(\.example.input.scalars), shape: shape)
    file.tensors["witness"] = Tensor(changes.flatMap(\.changed.scalars), shape: shape)
    file.integers["index"] = SafeTensorsIntegers(
      changes.map { Int64($0.example.index) }, shape: [count])
    let before = predictions.compactMap { $0.before.map(Int64.init) }
    let after = predictions.compactMap { $0.after.map(Int64.init) }
    if before.count == count, after.count == count {
      file.integers["prediction"] = SafeTensorsIntegers(before, shape: [count])
      file.integers["witness_prediction"] = SafeTensorsIntegers(after, shape: [count])
    }
    file.tensors.merge(RoundingRecord.arrays(margins)) { $1 }
    file.tensors.merge(data.columnTensors) { $1 }
    return file
  }
}

extension AttackRun.Request: RecordedRequest {}

extension EvaluationRun.Request: RecordedRequest {}

/// What a result is about, so that it can be made again: the model, the data, the threat, the seed and the command.
struct Provenance {
  /// What was asked for.
  let request: any RecordedRequest
  /// The digest of the examples as the model gets them.
  let dataDigest: String

  /// The members with which the object of a verb begins.
  func json(verb: String) -> JSONObject {
    [
      "verb": JSONValue(verb), "version": JSONValue(Version.text),
      "schema": JSONValue(StudyRecord.currentSchema),
      "specification": JSONValue(request.specification?.withoutSecrets.json),
      "model": JSONValue(request.subject.name), "data": JSONValue(request.data.name),
      "model_digest": JSONValue(request.subject.fileDigest),
      "parameters_digest": JSONValue(request.subject.parametersDigest),
      "data_digest": JSONValue(dataDigest), "command": ShellWords.json(request.command),
      "threat": JSONValue(request.threat.description), "threat_parts": request.threat.json,
      "data_range": request.data.boundsColumns ? "columns" : .null,
      "fixed_columns": .array(request.data.fixedColumns.map { JSONValue($0) }),
      "seed": JSONValue(request.seed),
    ]
  }

  /// The same as metadata of a file of changed inputs.
  var metadata: [String: String] {
    var entries = [
      "model": request.subject.name, "data": request.data.name,
      "threat": request.threat.description,
      "seed": String(request.seed), "data_digest": dataDigest,
      "version": Version.text,
    ]
    entries.merge(request.data.threatMetadata) { $1 }
    if !request.command.isEmpty { entries["command"] = ShellWords.line(request.command) }
    entries["model_digest"] = request.subject.fileDigest
    entries["parameters_digest"] = request.subject.parametersDigest
    return entries
  }
}

extension AttackRun {
  /// What the result is about.
  var provenance: Provenance { Provenance(request: request, dataDigest: dataDigest) }
}

extension EvaluationRun {
  /// What the result is about.
  var provenance: Provenance { Provenance(request: request, dataDigest: dataDigest) }
}

/// SHA-256 digests that say what a result is about.
package enum Digests {
  /// The digest of a file's bytes, as `sha256sum` prints it.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  static func file(_ path: String) throws -> String {
    let file = try RandomAccessFile(path: path)
    var hasher = SHA256()
    let piece = 1 << 22
    for start in stride(from: 0, to: file.count, by: piece) {
      hasher.update(data: try file.bytes(at: start..<start + piece))
    }
    return String(hexadecimal: hasher.finalize())
  }

  /// The digest of a network as it is computed: its form, what its input means, and the name, shape and values of each
  /// parameter.
  static func network(_ network: Network) -> String {
    var hasher = SHA256()
    func add(_ text: String) { hasher.update(data: Array(text.utf8)) }
    add("\(network.architecture) \(network.graph.nodes.count) \(network.input)\n")
    for name in network.parameterNames {
      guard let tensor = network.parameters[name] else { continue }
      add("\(name) \(tensor.shape)\n")
      tensor.withUnsafeScalars { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    return String(hexadecimal: hasher.finalize())
  }

  /// The digest of examples as the model gets them: for each its shape as text, a line feed, its values as little-endian
  /// 32-bit floats, its target as text and a line feed.
  ///
  /// - Throws: What reading the examples throws.
  static func data(_ data: Dataset) throws -> String {
    var hasher = SHA256()
    for position in 0..<data.count {
      try Task.checkCancellation()
      let example = try data.example(at: position)
      hasher.update(data: Array("\(example.input.shape)\n".utf8))
      let bits = example.input.scalars.map(\.bitPattern.littleEndian)
      bits.withUnsafeBytes { hasher.update(bufferPointer: $0) }
      hasher.update(data: Array("\(text(example.target, data.isLabelled))\n".utf8))
    }
    return String(hexadecimal: hasher.finalize())
  }

  private static func text(_ target: Target, _ isLabelled: Bool) -> String {
    guard isLabelled else { return "" }
    return switch target {
    case .label(let label): "\(label)"
    case .labels(let labels): labels.map { $0 ? "1" : "0" }.joined(separator: " ")
    case .numbers(let numbers): numbers.map(\.description).joined(separator: " ")
    }
  }
}

/// What the last bits of a result depend on, and how they can be had again.
package enum EngineRecord {
  /// The record that goes into a result; null for a remote model.
  package static func json(_ computation: Computation?) -> JSONValue {
    guard let computation else { return .null }
    var layers = JSONObject()
    for (layer, algorithm) in computation.algorithms.sorted(by: { $0.key < $1.key }) {
      layers[layer] = JSONValue(algorithm)
    }
    let machine = computation.machine
    return [
      "processor": JSONValue(machine.processor), "threads": JSONValue(machine.threads),
      "library": JSONValue(machine.library), "algorithms": .object(layers),
    ]
  }

  /// The algorithms that a result's record names.
  ///
  /// - Throws: `ArchiveError`, or `StudyError` naming the file and the place.
  package static func algorithms(
    inResult path: String
  ) throws -> [String: ConvolutionAlgorithm] {
    let result = try StudyRecord.object(path: path)
    guard case .object(let layers)? = result["engine"]?["algorithms"] else {
      throw StudyError(
        "\(path): expected a result with \"engine\": {\"algorithms\": {...}}, as \(Setting.json) writes it"
      )
    }
    var algorithms: [String: ConvolutionAlgorithm] = [:]
    for (layer, value) in layers {
      guard case .string(let name) = value, let algorithm = ConvolutionAlgorithm(name: name) else {
        throw StudyError(
          "\(path): engine.algorithms[\"\(layer)\"]: expected the name of an algorithm, such as direct"
        )
      }
      algorithms[layer] = algorithm
    }
    return algorithms
  }
}

/// What results say of whether rounding could undo a change that counts.
enum RoundingRecord {
  /// The object of a change: what was found (`clear`, `verified` or `not verified`), and where that was asked the margin
  /// in double precision and the largest difference of margins in single precision from it.
  static func json(_ rounding: Rounding) -> JSONValue {
    let (check, margin, difference) = parts(of: rounding)
    return [
      "check": JSONValue(check), "margin_float64": JSONValue(margin),
      "difference": JSONValue(difference),
    ]
  }

  /// What an object was written from; `nil` if it is none.
  static func rounding(_ value: JSONValue?) -> Rounding? {
    let numbers = (value?["margin_float64"]?.doubleValue, value?["difference"]?.doubleValue)
    switch (value?["check"]?.stringValue, numbers.0, numbers.1) {
    case ("clear", nil, nil): return .clear
    case ("verified", let margin?, let difference?):
      return .verified(margin: margin, difference: difference)
    case ("not verified", nil, nil): return .unverified
    default: return nil
    }
  }

  /// The same of all changes of a file as arrays, beside their margins; NaN where double precision was not asked.
  static func arrays(
    _ changes: [(margin: Double, rounding: Rounding)]
  ) -> [String: Tensor<Float>] {
    func array(_ value: ((margin: Double, rounding: Rounding)) -> Double?) -> Tensor<Float> {
      Tensor(changes.map { value($0).map { Float($0) } ?? .nan }, shape: [changes.count])
    }
    return [
      "margin": array { $0.margin },
      "margin_float64": array { parts(of: $0.rounding).margin },
      "rounding_difference": array { parts(of: $0.rounding).difference },
    ]
  }

  private static func parts(
    of rounding: Rounding
  ) -> (check: String, margin: Double?, difference: Double?) {
    switch rounding {
    case .clear: ("clear", nil, nil)
    case .verified(let margin, let difference): ("verified", margin, difference)
    case .unverified: ("not verified", nil, nil)
    }
  }
}
