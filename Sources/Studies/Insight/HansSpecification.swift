import Insight
import Remote
import Settings

/// All that is asked of a search for cues, or of its demonstration with a planted one: what can be written down and run
/// again, here or elsewhere.
public struct HansSpecification: Sendable, Hashable, Codable {
  /// A built-in network or a file; `nil` for the demonstration, which trains its own.
  public var model: String?
  /// The cue of the demonstration, such as `patch:0.5:8`; `nil` to look for cues in `model`.
  public var plant: String?
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The pictures; the demonstration takes the first 8,000 training digits of MNIST unless something else is said.
  public var data = DataSettings()
  /// The classes that are looked at, by number or by name, joined by commas; all by default.
  public var classes: String?
  /// The most pictures of each class that are looked at.
  public var perClass = 400
  /// How many pictures with the nearest relevance maps each is joined to.
  public var neighbours = 10
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many pictures a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()

  /// A search in a network.
  public init(model: String) { self.model = model }

  /// A demonstration with a planted cue.
  public init(plant: String) {
    self.plant = plant
    data = DataSettings("mnist:train")
    data.count = HansSpecification.digits
  }

  /// How many digits a demonstration takes unless something else is said.
  package static let digits = 8000
  /// The most classes that are looked at where none are named.
  package static let mostClasses = 32

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws {
    try modelSettings.check()
    try data.check()
    try engine.check()
    try StudyError.check(batch: batch)
    switch (model, plant) {
    case (let model?, nil):
      if RemoteReference(model) != nil {
        throw StudyError(
          "\(model) is a remote model, which reveals no gradients; expected a network that runs here"
        )
      }
    case (nil, let plant?): _ = try CuePlant(plant, seed: seed)
    case (let model?, _?):
      throw StudyError(
        "\(Setting.plant) trains networks of its own; expected it without the model \(model)")
    case (nil, nil):
      throw StudyError("there is no model; expected one, or \(Setting.plant) patch:0.5")
    }
    guard 20...2000 ~= perClass else {
      throw StudyError("\(Setting.perClass) is \(perClass); expected 20 to 2000")
    }
    guard 1...100 ~= neighbours, neighbours < perClass else {
      throw StudyError(
        "\(Setting.neighbours) is \(neighbours); expected 1 to \(min(100, perClass - 1)), less than \(Setting.perClass)"
      )
    }
  }

  /// The search.
  var finder: CueFinder {
    var finder = CueFinder()
    finder.examplesPerClass = perClass
    finder.neighbours = neighbours
    finder.seed = seed
    finder.batch = batch
    return finder
  }
}

extension HansSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: HansSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, plant, modelSettings, data, classes, perClass, neighbours, seed, batch, engine
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or that one of `model` and
  ///   `plant` is expected.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    var (model, plant): (String?, String?)
    try members.read(.model, into: &model)
    try members.read(.plant, into: &plant)
    switch (model, plant) {
    case (let model?, nil): self.init(model: model)
    case (nil, let plant?): self.init(plant: plant)
    default: throw StudyError("a specification: expected either 'model' or 'plant'")
    }
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.classes, into: &classes)
    try members.read(.perClass, into: &perClass)
    try members.read(.neighbours, into: &neighbours)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
  }
}
