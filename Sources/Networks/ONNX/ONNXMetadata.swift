import Tensors

/// What Gibbon writes into a file's metadata, so that it need not be told again.
enum ONNXMetadata {
  static let architecture = "gibbon.architecture"
  static let lower = "gibbon.input.lower"
  static let upper = "gibbon.input.upper"
  static let mean = "gibbon.input.mean"
  static let deviation = "gibbon.input.standard-deviation"
  static let classes = "gibbon.classes"

  /// The entries that describe a network's input.
  static func entries(of network: Network) -> [(key: String, value: String)] {
    let input = network.input
    var entries = [
      (architecture, network.architecture), (lower, "\(input.lowerBound)"),
      (upper, "\(input.upperBound)"),
    ]
    if !input.mean.isEmpty {
      entries.append((mean, input.mean.map { "\($0)" }.joined(separator: ",")))
      entries.append((deviation, input.standardDeviation.map { "\($0)" }.joined(separator: ",")))
    }
    if !input.classNames.isEmpty {
      entries.append((classes, input.classNames.joined(separator: "\n")))
    }
    return entries.map { (key: $0.0, value: $0.1) }
  }
}

extension InputDescription {
  /// Reads what a file's metadata say of the input; what they do not say is as usual.
  ///
  /// - Throws: `ONNXError` if an entry is malformed.
  init(metadata: [String: String], shape: Shape, file: String) throws(ONNXError) {
    func numbers(_ key: String) throws(ONNXError) -> [Float] {
      guard let text = metadata[key] else { return [] }
      let values = text.split(separator: ",").map { Float($0) }
      let numbers = values.compactMap { $0 }
      guard numbers.count == values.count, numbers.allSatisfy(\.isFinite) else {
        throw ONNXError(
          file: file, place: "metadata \(key.quoted)",
          problem: "expected numbers, found \(text.quoted)")
      }
      return numbers
    }
    let mean = try numbers(ONNXMetadata.mean)
    let deviation = try numbers(ONNXMetadata.deviation)
    let lower = try numbers(ONNXMetadata.lower).first ?? 0
    let upper = try numbers(ONNXMetadata.upper).first ?? 1
    guard mean.count == deviation.count, mean.isEmpty || mean.count == shape.extents.first,
      deviation.allSatisfy({ $0 > 0 }), lower < upper
    else {
      throw ONNXError(
        file: file, place: "metadata",
        problem: "expected a mean and a positive standard deviation per channel, and a range")
    }
    self.init(
      shape: shape, lowerBound: lower, upperBound: upper, mean: mean,
      standardDeviation: deviation,
      classNames: metadata[ONNXMetadata.classes]?.split(separator: "\n").map(String.init) ?? [])
  }
}
