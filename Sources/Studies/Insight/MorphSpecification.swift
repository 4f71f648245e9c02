import Files
import Networks
import Remote
import Settings

/// All that is asked of what must change so that networks see something else: what can be written down and run again,
/// here or elsewhere.
public struct MorphSpecification: Sendable, Hashable, Codable {
  /// Built-in networks or files, which are compared; the three built-in ones for digits by default.
  public var models = MorphSpecification.digits
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples, of which the one at `data.offset` is taken.
  public var data = DataSettings()
  /// A photograph instead of the example.
  public var photo: String?
  /// The class to be seen, by number or by name, or `all`.
  public var target = "all"
  /// The largest Euclidean length of the large change, in the units of the data; by default twice the least change that
  /// any of the networks needs for the class.
  public var budget: Double?
  /// The steps of the ascent within that budget.
  public var steps = 100
  /// How many noises of each size are drawn as the control.
  public var draws = 50
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()

  /// The networks for digits that are part of the program: trained plainly, adversarially, and for certificates.
  public static let digits = ["mnist-standard", "mnist-robust", "mnist-certified"]

  /// The first test digit of MNIST toward all other digits, unless something else is said.
  public init() {}

  /// The most networks that are compared.
  package static let mostModels = 8

  /// The most classes that `all` may stand for.
  package static let mostTargets = 32

  /// Makes sure that each part is right.
  ///
  /// - Parameter count: How many networks there are beside those that are named.
  /// - Throws: An error that names what is not, before any file is read.
  package func check(beside count: Int = 0) throws {
    try modelSettings.check()
    try data.check()
    try engine.check()
    try StudyError.check(batch: batch)
    guard 1...Self.mostModels ~= models.count + count else {
      throw StudyError("\(models.count) models; expected 1 to \(Self.mostModels)")
    }
    for (place, model) in models.enumerated() where models[..<place].contains(model) {
      throw StudyError("the model '\(model)' is named twice; expected different ones")
    }
    if let model = models.first(where: { RemoteReference($0) != nil }) {
      throw StudyError(
        "\(model) is a remote model, which reveals no gradients; expected networks that run here")
    }
    guard !target.isEmpty else {
      throw StudyError("\(Setting.to) is empty; expected a class or all")
    }
    if let budget, !(budget > 0 && budget.isFinite) {
      throw StudyError("\(Setting.budget) is \(budget.plain); expected a length above 0")
    }
    guard 1...100_000 ~= steps else {
      throw StudyError("\(Setting.steps) is \(steps); expected 1 to 100000")
    }
    guard 1...10_000 ~= draws else {
      throw StudyError("\(Setting.draws) is \(draws); expected 1 to 10000")
    }
  }
}

extension MorphSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: MorphSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case models, modelSettings, data, photo, target, budget, steps, draws, seed, batch, engine
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.models, into: &models)
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.photo, into: &photo)
    try members.read(.target, into: &target)
    try members.read(.budget, into: &budget)
    try members.read(.steps, into: &steps)
    try members.read(.draws, into: &draws)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
  }
}
