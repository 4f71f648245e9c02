public import Models
import Networks

/// The attribution methods by the names that studies and the command use: a row each.
public enum AttributionCatalogue {
  /// All methods, simplest first.
  public static let rows: [AttributionRow] = [
    AttributionRow(Gradient.self, "the slope of the score (Simonyan 2014)"),
    AttributionRow(GradientTimesInput.self, "the slope times the value (Shrikumar 2016)"),
    AttributionRow(SmoothGrad.self, "slopes averaged over noise (Smilkov 2017)"),
    AttributionRow(
      IntegratedGradients.self, "slopes along the way from a baseline (Sundararajan 2017)"),
    AttributionRow(
      GradCAM.self, "a layer's features, weighed by their slopes (Selvaraju 2017)"),
    AttributionRow(Occlusion.self, "what the score loses where a window is covered (Zeiler 2014)"),
    AttributionRow(RISE.self, "what random masks leave of the score (Petsiuk 2018)"),
    AttributionRow(
      RelevancePropagation.self, "the score shared out layer by layer, backward (Bach 2015)"),
  ]

  /// The method that words ask for, such as `smoothgrad:samples=100,sigma=0.2`.
  ///
  /// - Parameter words: The name and, after a colon, values of its options, joined by commas.
  /// - Returns: The method.
  /// - Throws: `AttributionError` that names what there is not, or the value that is not expected.
  public static func method(_ words: String) throws(AttributionError) -> any AttributionMethod {
    let parts = words.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let row = try row(named: String(parts[0]))
    var values: [String: String] = [:]
    for pair in parts.count > 1
      ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
    {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(sides[0])
      guard values.updateValue(sides.count > 1 ? String(sides[1]) : "", forKey: name) == nil else {
        throw .twice(name, method: row.name)
      }
    }
    return try row.method(values)
  }

  /// The row of a name.
  ///
  /// - Throws: `AttributionError.unknown` if there is none.
  public static func row(named name: String) throws(AttributionError) -> AttributionRow {
    guard let row = rows.first(where: { $0.name == name }) else {
      throw .unknown(name, known: rows.map(\.name))
    }
    return row
  }

  /// Makes sure that a model reveals what a method needs.
  ///
  /// - Throws: `AttributionError.knowledge`.
  static func check(
    _ method: any AttributionMethod.Type, for model: any BatchedModel, network: Network?
  ) throws(AttributionError) {
    let revealed = network == nil ? model.knowledge : .graph
    guard method.knowledge <= revealed else {
      throw .knowledge(method.knowledge, method: method.name, revealed: revealed)
    }
  }
}

/// An attribution method as users name it.
public struct AttributionRow: Sendable {
  /// The method.
  public let kind: any AttributionMethod.Type
  /// What it tells, in a few words.
  public let summary: String
  /// Its options with their standard values.
  public let options: [Option]
  let method: @Sendable ([String: String]) throws(AttributionError) -> any AttributionMethod

  /// An option as users see it.
  public struct Option: Sendable, Hashable {
    /// The name.
    public let name: String
    /// What it is.
    public let summary: String
    /// What values it takes.
    public let expectation: String
    /// What it is if nobody says.
    public let standard: String
  }

  /// The name on the command line.
  public var name: String { kind.name }
  /// The least that it needs to know of the model.
  public var knowledge: Knowledge { kind.knowledge }

  init<Method: AttributionMethod>(_ kind: Method.Type, _ summary: String) {
    self.kind = kind
    self.summary = summary
    options = Method.options.map {
      Option(
        name: $0.name, summary: $0.summary, expectation: $0.expectation,
        standard: $0.text(Method()))
    }
    method = { values throws(AttributionError) in
      var method = Method()
      for (name, text) in values.sorted(by: { $0.key < $1.key }) {
        guard let option = Method.options.first(where: { $0.name == name }) else {
          throw .unknownOption(name, method: Method.name, known: Method.options.map(\.name))
        }
        guard option.read(text, &method) else {
          throw .value(
            text, option: name, method: Method.name, expected: option.expectation)
        }
      }
      return method
    }
  }
}
