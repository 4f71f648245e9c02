import Settings
package import Attacks
package import Robustness

/// All that is asked of one attack on a model: what can be written down and run again, here or elsewhere.
public struct AttackSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a model elsewhere.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// A photograph to attack instead of the examples.
  public var photo: String?
  /// The class of the photograph, by number or by name; what the network sees by default.
  public var label: String?
  /// What may change, such as `linf:8/255` or `rotation:30+shift:3`.
  public var threat: String
  /// Other networks, joined by commas, on which the attack is made; the model only judges.
  public var surrogate: String?
  /// A safetensors file with radii of single examples, instead of the threat's.
  public var radii: String?
  /// The attack, by its name in the catalogue.
  public var attack = "pgd"
  /// The attack's options that differ from its own, in words.
  public var options: [String: String] = [:]
  /// A class that the attack must make the model see, by number or by name.
  public var target: String?
  /// What the attack must bring about; see `Aim`.
  public var goal: String?
  /// Whether to search among 8-bit images.
  public var eightBit = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples the network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a model elsewhere is asked.
  public var remote = RemoteSettings()

  /// PGD on the whole test set of MNIST, unless something else is said.
  public init(model: String, threat: String) {
    self.model = model
    self.threat = threat
  }

  /// What the attack is to bring about, but for the number of a class that is called by its name.
  var aim: Aim {
    get throws {
      guard let goal else { return target.map { .reach(Int($0) ?? 0) } ?? .miss }
      if target != nil {
        throw StudyError(
          "\(Setting.target) and \(Setting.goal) exclude each other; expected one of them")
      }
      return try Aim(goal)
    }
  }

  /// The attack's row of the catalogue and the threat, of which each is right and both fit each other.
  ///
  /// - Throws: An error that names what does not, before any file is read.
  package func check() throws -> (row: CatalogueRow, threat: ThreatReference) {
    try checkSettings()
    let words = [
      (Setting.surrogate, surrogate), (.target, target), (.goal, goal), (.label, label),
    ]
    if let empty = words.first(where: { $0.1?.isEmpty == true })?.0 {
      throw StudyError("\(empty) is empty; expected a value")
    }
    let row = try Catalogue.row(named: attack)
    _ = try aim
    _ = try row.attack(options)
    let reference = try ThreatReference(threat)
    guard reference.isLimited || row.search == .nearest else {
      throw StudyError(
        "threat '\(reference)': the attack '\(row.name)' needs an amount, such as \(reference):1")
    }
    try row.check(reference.threat())
    guard surrogate == nil || row.search == .largestLoss else {
      throw StudyError(
        "\(Setting.surrogate) needs an attack that looks for the largest loss inside the threat, not '\(row.name)'"
      )
    }
    if row.name == SharedAscent.name,
      reference.alternatives.count > 1 || radii != nil || eightBit
    {
      throw StudyError(
        "\(Setting.attack) \(row.name) looks for one change within one threat; expected no |, \(Setting.radii) or \(Setting.eightBit)"
      )
    }
    return (row, reference)
  }
}
