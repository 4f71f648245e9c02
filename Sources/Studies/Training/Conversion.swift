import Datasets
package import Networks
import Settings

/// A network on its way from one form of file to another.
package struct Conversion {
  /// The network and what its file says of it.
  package let file: NetworkFile
  /// What to call the network.
  package let input: String
  /// The file that is written.
  package let output: String

  /// A network that is to be written.
  package init(file: NetworkFile, input: String, output: String) {
    self.file = file
    self.input = input
    self.output = output
  }

  /// The bytes of a form.
  ///
  /// - Throws: `StudyError` if the form cannot hold the network, and what the writers throw.
  package func bytes(as form: ModelFormat) throws -> [UInt8] {
    let network = file.network
    switch form {
    case .safeTensors:
      guard architecture != nil else {
        throw StudyError(
          "\(output): a .safetensors file holds no graph, and \(input) has no architecture that `gibbon info` lists;"
            + " expected .onnx, or .pt or .npz for the parameters alone")
      }
      return file.encoded()
    case .onnx: return try network.encodedForONNX(metadata: file.history)
    case .pyTorch:
      return try StateDict(name: input, tensors: network.parameters).encodedForPyTorch()
    case .numPy:
      return try NPYContents.npz(sorted: network.parameters.mapValues { NPYContents($0) })
    }
  }

  /// Whether the network's architecture is known by its name, so that a file of parameters is one of the network.
  var isKnown: Bool { architecture != nil }

  /// The known architecture whose parameters these are under the name that the network has.
  private var architecture: Architecture? {
    guard let known = try? Architecture.named(file.network.architecture),
      (try? known.network(loading: file.network.parameters)) != nil
    else { return nil }
    return known
  }

  /// What a file of parameters alone has lost, and what gives it back; `nil` if nothing is.
  package func loss(as form: ModelFormat) -> String? {
    guard form == .pyTorch || form == .numPy else { return nil }
    let network = file.network
    guard let architecture else {
      return
        "\(output): holds parameters alone; \(input) has no architecture that `gibbon info` lists, so Gibbon cannot"
        + " read the file as a network; .onnx holds the whole network"
    }
    let options = Conversion.options(from: architecture.input, to: network.input)
    guard !options.isEmpty else { return nil }
    let words = ["\(Setting.architecture) \(architecture.name)"] + options
    return
      "\(output): holds parameters alone, without the input description of \(input); to use it, add "
      + words.joined(separator: " ")
  }

  /// The options that make one description of an input of another.
  private static func options(
    from standard: InputDescription, to input: InputDescription
  ) -> [String] {
    func list(_ numbers: [Float]) -> String { numbers.map(\.description).joined(separator: ",") }
    var options: [String] = []
    if input.networkRange != standard.networkRange {
      let range = input.networkRange ?? input.bounds
      options.append("\(Setting.inputRange) \(range.lowerBound):\(range.upperBound)")
    }
    if input.mean != standard.mean || input.standardDeviation != standard.standardDeviation {
      // Where there is none, that of the architecture has to be undone.
      let count = input.mean.isEmpty ? standard.mean.count : 0
      let means = input.mean + Array(repeating: 0, count: count)
      let deviations = input.standardDeviation + Array(repeating: 1, count: count)
      options.append("\(Setting.mean) \(list(means)) \(Setting.std) \(list(deviations))")
    }
    if input.layout != standard.layout {
      options.append("\(Setting.layout) \(input.layout.rawValue)")
    }
    if input.channelOrder != standard.channelOrder {
      options.append("\(Setting.channels) \(input.channelOrder.rawValue)")
    }
    if input.classNames != standard.classNames, !input.classNames.isEmpty {
      options.append("\(Setting.labels) FILE (the names of the classes, one on each line)")
    }
    return options
  }
}

/// What the ending of a file's name says.
package enum FileEnding {
  /// Endings that say what a file is.
  package static let known = [
    "json", "html", "htm", "xhtml", "safetensors", "npz", "npy", "onnx", "pt", "pth", "th", "ckpt",
    "bin", "h5", "hdf5", "keras", "tflite", "pb", "pkl", "pickle", "csv", "tsv", "txt", "md", "pdf",
    "png", "jpg", "jpeg", "gif", "svg", "zip", "gz", "xlsx", "xml", "yaml", "yml", "toml",
  ]

  /// Whether a name is that of a file of arrays: NumPy's or safetensors.
  package static func saysArrays(_ path: String) -> Bool {
    path.hasSuffix(".npz") || path.hasSuffix(".safetensors")
  }

  /// The ending of a file's name, in small letters, if it has one.
  package static func of(_ path: String) -> String? {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    return name[name.index(after: dot)...].lowercased()
  }
}
