package import Robustness
import Settings

/// All that is asked of the linear explanation of adversarial examples: what can be written down and run again.
public struct LinearSpecification: Sendable, Hashable, Codable {
  /// The network whose logits are followed along the signs of its gradient.
  public var model = "mnist-standard"
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples that linear models and networks are trained on.
  public var data = DataSettings("mnist:train")
  /// The examples that everything is measured on.
  public var validation = "mnist:test"
  /// The two classes that linear models tell apart, by number or by name, joined by a comma.
  public var classes = "3,7"
  /// The sides in pixels that examples are resampled to, joined by commas.
  public var sizes = "7,14,28,56,112"
  /// How far each value may change.
  public var threat = "linf:0.25"
  /// How many networks are trained for each size and form.
  public var draws = 3
  /// How many passes over the data a network is trained for.
  public var epochs = 4
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How networks are computed.
  public var engine = EngineSettings()

  /// Digits 3 and 7, and the standard network of MNIST.
  public init() {}

  /// The sizes and the change of each value.
  package struct Checked: Sendable {
    /// The sides, ascending.
    package let sides: [Int]
    /// The largest change of a value.
    package let radius: Double
    /// The threat.
    package let reference: ThreatReference
    /// The names or numbers of the two classes.
    package let classes: [String]
  }

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws -> Checked {
    try modelSettings.check()
    try data.check()
    try engine.check()
    let words = sizes.split(separator: ",", omittingEmptySubsequences: false)
    let sides = words.compactMap { Int($0) }
    guard sides.count == words.count, Set(sides).count == sides.count, 3...8 ~= sides.count,
      sides.allSatisfy({ 4...256 ~= $0 })
    else {
      throw StudyError(
        "\(Setting.sizes) is '\(sizes)'; expected 3 to 8 different sides of 4 to 256 pixels, such as 7,14,28,56,112"
      )
    }
    let reference = try ThreatReference(threat)
    guard reference.norm == .infinity, let radius = reference.radius, radius > 0 else {
      throw StudyError(
        "\(Setting.threat) is '\(threat)'; expected linf and a radius, such as linf:0.25")
    }
    let names = classes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2, names[0] != names[1], !names.contains("") else {
      throw StudyError("\(Setting.classes) is '\(classes)'; expected two classes, such as 3,7")
    }
    guard 1...20 ~= draws else {
      throw StudyError("\(Setting.draws) is \(draws); expected 1 to 20")
    }
    guard 1...100 ~= epochs else {
      throw StudyError("\(Setting.epochs) is \(epochs); expected 1 to 100")
    }
    return Checked(sides: sides.sorted(), radius: radius, reference: reference, classes: names)
  }
}

extension LinearSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: LinearSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, modelSettings, data, validation, classes, sizes, threat, draws, epochs, seed
    case engine
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.model, into: &model)
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.validation, into: &validation)
    try members.read(.classes, into: &classes)
    try members.read(.sizes, into: &sizes)
    try members.read(.threat, into: &threat)
    try members.read(.draws, into: &draws)
    try members.read(.epochs, into: &epochs)
    try members.read(.seed, into: &seed)
    try members.read(.engine, into: &engine)
  }
}
