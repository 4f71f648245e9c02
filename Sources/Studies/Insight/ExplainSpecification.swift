import Files
import Insight
import Remote
import Settings

/// All that is asked of a page that gathers what can be seen of a network's decisions on some pictures.
public struct ExplainSpecification: Sendable, Hashable, Codable {
  /// What is looked at.
  public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
    /// Where the network looks.
    case attribution
    /// The least change after which it sees something else, beside noise and a patch of the same length.
    case change
    /// What must change so that it is sure of another class.
    case morph
  }

  /// A built-in network or a file.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// Photographs, PNG or JPEG; examples of the data where there are none.
  public var photos: [String] = []
  /// The examples; their count and offset do not matter.
  public var data = DataSettings()
  /// Which examples of the data, by their numbers from 0.
  public var index = [0]
  /// What is looked at, in this order.
  public var parts: [Part] = [.attribution, .change]
  /// The methods of attribution, of which those that do not fit the network are left out.
  public var methods = ExplainSpecification.quickMethods
  /// The class that the morph leads to, by number or by name; the next likely one by default.
  public var target: String?
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many rows the network sees at once.
  public var batch = 32
  /// How networks are computed.
  public var engine = EngineSettings()

  /// Methods that take seconds on photographs.
  public static let quickMethods = [
    GradientTimesInput.name, SmoothGrad.name + ":samples=20", GradCAM.name,
    RelevancePropagation.name,
  ]
  /// The most examples.
  static let most = 16

  /// Attribution and the least change on the first digit of MNIST's test set, unless something else is said.
  public init(model: String) { self.model = model }

  /// The attribution of one example.
  func attribution(of place: Int) -> AttributionSpecification {
    var asked = AttributionSpecification(model: model)
    asked.modelSettings = modelSettings
    asked.photos = photos.isEmpty ? [] : [photos[place]]
    asked.data = data
    asked.index = photos.isEmpty ? [index[place]] : [0]
    asked.methods = methods
    asked.skipsWhatDoesNotFit = true
    asked.seed = seed
    asked.batch = batch
    asked.engine = engine
    return asked
  }

  /// The nearest adversarial example of one example, beside others as far away.
  func change(of place: Int, within radius: Double) -> ImperceptibleSpecification {
    var attack = AttackSpecification(model: model, threat: "l2:\(radius.rounded(.up).plain)")
    attack.modelSettings = modelSettings
    attack.data = data
    attack.attack = "ddn"
    attack.seed = seed
    attack.batch = batch
    attack.engine = engine
    if !photos.isEmpty { attack.photo = photos[place] }
    var asked = ImperceptibleSpecification(attack)
    if photos.isEmpty { asked.index = index[place] }
    return asked
  }

  /// The morph of one example toward a class.
  func morph(of place: Int, to target: String) -> MorphSpecification {
    var asked = MorphSpecification()
    asked.models = [model]
    asked.modelSettings = modelSettings
    asked.data = data
    if photos.isEmpty { asked.data.offset = index[place] } else { asked.photo = photos[place] }
    asked.target = target
    asked.seed = seed
    asked.batch = batch
    asked.engine = engine
    return asked
  }

  /// The number of examples.
  var count: Int { photos.isEmpty ? index.count : photos.count }

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws {
    guard !parts.isEmpty else {
      throw StudyError(
        "\(Setting.parts) is empty; expected \(Part.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    if RemoteReference(model) != nil {
      throw StudyError(
        "\(model) is a remote model, which reveals no gradients; expected a network that runs here")
    }
    guard count <= Self.most else {
      throw StudyError("\(count) examples; expected at most \(Self.most)")
    }
    var whole = attribution(of: 0)
    (whole.photos, whole.index) = (photos, photos.isEmpty ? index : [0])
    try whole.check()
    if target?.isEmpty == true { throw StudyError("\(Setting.to) is empty; expected a class") }
    if target != nil, !parts.contains(.morph) {
      throw StudyError(
        "\(Setting.to) is about the part morph; expected it among \(Setting.parts)")
    }
  }
}

extension ExplainSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: ExplainSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, photos, data, index, parts, methods, target, seed, batch, engine
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
    try members.read(.parts, into: &parts)
    try members.read(.methods, into: &methods)
    try members.read(.target, into: &target)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
  }
}
