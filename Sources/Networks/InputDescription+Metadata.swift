public import Tensors

/// How a description is carried in the metadata of files: names and texts.
extension InputDescription {
  /// The beginning of all names.
  static let metadataPrefix = "input/"

  /// The description as names and texts, without the shape.
  public var metadata: [String: String] {
    func list(_ values: [Float]) -> String { values.map(\.description).joined(separator: ",") }
    var texts = ["bounds": list([lowerBound, upperBound])]
    if let networkRange {
      texts["range"] = list([networkRange.lowerBound, networkRange.upperBound])
    }
    if !mean.isEmpty {
      texts["mean"] = list(mean)
      texts["standard_deviation"] = list(standardDeviation)
    }
    if layout != .channelsFirst { texts["layout"] = layout.rawValue }
    if channelOrder != .rgb { texts["channels"] = channelOrder.rawValue }
    if !classNames.isEmpty { texts["classes"] = classNames.joined(separator: "\n") }
    return Dictionary(
      uniqueKeysWithValues: texts.map { (InputDescription.metadataPrefix + $0.key, $0.value) })
  }

  /// Whether metadata hold a description.
  public static func isDescribed(by metadata: [String: String]) -> Bool {
    metadata[metadataPrefix + "bounds"] != nil
  }

  /// Reads a description from metadata; other names in them do not matter.
  ///
  /// - Parameters:
  ///   - metadata: Names and texts, as `metadata` has them.
  ///   - shape: Shape of one example, channels first.
  /// - Throws: `NetworkError.input` that names the entry that cannot be read or does not fit.
  public init(metadata: [String: String], shape: Shape) throws(NetworkError) {
    func text(_ name: String) -> String? { metadata[InputDescription.metadataPrefix + name] }
    func list(_ name: String) throws(NetworkError) -> [Float] {
      guard let text = text(name) else { return [] }
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Float($0) }
      guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else {
        throw .input("the metadata's \(name) is '\(text.prefix(80))'; expected numbers")
      }
      return numbers
    }
    func range(_ name: String) throws(NetworkError) -> ClosedRange<Float>? {
      let ends = try list(name)
      guard !ends.isEmpty else { return nil }
      guard ends.count == 2, ends[0] < ends[1] else {
        throw .input("the metadata's \(name) is no range; expected LOWER,UPPER")
      }
      return ends[0]...ends[1]
    }
    func word<Word: RawRepresentable<String>>(
      _ name: String, _ standard: Word
    ) throws(NetworkError) -> Word {
      guard let text = text(name) else { return standard }
      guard let word = Word(rawValue: text) else {
        throw .input("the metadata's \(name) is '\(text.prefix(80))', which is unknown")
      }
      return word
    }
    let bounds = try range("bounds") ?? 0...1
    let mean = try list("mean")
    let deviation = try list("standard_deviation")
    guard mean.count == deviation.count else {
      throw .input("the metadata have \(mean.count) means and \(deviation.count) deviations")
    }
    self.init(
      shape: shape, lowerBound: bounds.lowerBound, upperBound: bounds.upperBound,
      networkRange: try range("range"), mean: mean, standardDeviation: deviation,
      layout: try word("layout", .channelsFirst), channelOrder: try word("channels", .rgb),
      classNames: text("classes")?.split(separator: "\n").map(String.init) ?? [])
    try validate()
  }
}
