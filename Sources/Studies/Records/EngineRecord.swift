import Settings
package import Engine
package import JSON

/// What the last bits of a result depend on, and how they can be had again.
package enum EngineRecord {
  /// The record that goes into a result; null for a model that runs elsewhere.
  package static func json(_ algorithms: Algorithms?) -> JSONValue {
    guard let algorithms else { return .null }
    let machine = Machine.current
    var layers = JSONObject()
    for (layer, algorithm) in algorithms.used.sorted(by: { $0.key < $1.key }) {
      layers[layer] = JSONValue(algorithm.name)
    }
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
