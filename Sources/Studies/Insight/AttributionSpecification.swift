import Insight
import Settings

/// All that is asked of where a model looks, as a value.
public struct AttributionSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// Photographs, PNG or JPEG; examples of the data where there are none.
  public var photos: [String] = []
  /// The examples; their count and offset do not matter.
  public var data = DataSettings()
  /// Which examples of the data, by their numbers from 0.
  public var index = [0]
  /// The methods in words, such as `smoothgrad:samples=100`; `all` for each that fits the model.
  public var methods = [AttributionSpecification.all]
  /// Whether methods that do not fit the model are left out with a note, as `all` leaves them out.
  public var skipsWhatDoesNotFit = false
  /// The class that is explained, by number or by name; what the model sees by default.
  public var label: String?
  /// What of the class is explained: `logit`, `probability` or `margin`; by default what each method explains by
  /// itself.
  public var score: String?
  /// Whether maps are put to the test: with random weights, and by removing pixels.
  public var checks = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many rows the network sees at once.
  public var batch = 32
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// The word for all methods.
  public static let all = "all"
  /// The most examples.
  static let most = 64

  /// All methods on the first digit of MNIST's test set, unless something else is said.
  public init(model: String) { self.model = model }

  /// What is explained, if it is said.
  var classScore: ClassScore? {
    get throws {
      guard let score else { return nil }
      guard let value = ClassScore(rawValue: score) else {
        let names = ClassScore.allCases.map(\.rawValue)
        throw StudyError(
          "\(Setting.score) is '\(score)'; expected \(names.joined(separator: ", "))")
      }
      return value
    }
  }

  /// The methods, each once in the order of the words; whether they are all there are.
  ///
  /// - Throws: `AttributionError`, or `StudyError` for none or too many.
  func parsedMethods() throws -> (methods: [any AttributionMethod], areAll: Bool) {
    if methods == [AttributionSpecification.all] {
      return (AttributionCatalogue.rows.map { $0.kind.init() }, true)
    }
    guard !methods.isEmpty, methods.count <= AttributionSpecification.most else {
      throw StudyError(
        "\(Setting.method): \(methods.count) methods; expected 1 to \(AttributionSpecification.most), or all"
      )
    }
    if methods.contains(AttributionSpecification.all) {
      throw StudyError("\(Setting.method): all stands beside others; expected all alone, or names")
    }
    return (try methods.map { try AttributionCatalogue.method($0) }, false)
  }

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws {
    try checkSettings(mostRows: 4096)
    _ = try classScore
    _ = try parsedMethods()
    if label?.isEmpty == true { throw StudyError("\(Setting.class) is empty; expected a class") }
    guard (photos.isEmpty ? index.count : photos.count) <= AttributionSpecification.most else {
      throw StudyError(
        "\(max(index.count, photos.count)) examples; expected at most \(AttributionSpecification.most)"
      )
    }
    if photos.isEmpty {
      if index.isEmpty { throw StudyError("\(Setting.index) is empty; expected numbers from 0") }
      if let wrong = index.first(where: { $0 < 0 }) {
        throw StudyError("\(Setting.index) is \(wrong); expected 0 or more")
      }
      for (place, number) in index.enumerated() where index[..<place].contains(number) {
        throw StudyError("\(Setting.index): \(number) is named twice; expected different examples")
      }
    }
  }
}

extension AttributionSpecification: ModelSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, photos, data, index, methods, skipsWhatDoesNotFit, label, score
    case checks, seed, batch, engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model))
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.photos, into: &photos)
    try members.read(.data, into: &data)
    try members.read(.index, into: &index)
    try members.read(.methods, into: &methods)
    try members.read(.skipsWhatDoesNotFit, into: &skipsWhatDoesNotFit)
    try members.read(.label, into: &label)
    try members.read(.score, into: &score)
    try members.read(.checks, into: &checks)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}
