import Settings
import Robustness
/// All that is asked of an evaluation: what can be written down and run again, here or elsewhere.
public struct EvaluationSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a model elsewhere.
  public var model: String
  /// Another model, to be compared example by example.
  public var model2: String?
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// What may change: one ball, such as `linf:8/255`.
  public var threat: String
  /// The attacks, joined by commas; the standard ones by default.
  public var attacks: String?
  /// Radii at which the accuracy is told, too, as FIRST:LAST:STEP.
  public var curve: String?
  /// Whether to go through the checklist.
  public var checks = true
  /// Whether each standard attack spends its whole budget, whatever its pace.
  public var exhaustive = false
  /// Whether to search among 8-bit images.
  public var eightBit = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a model elsewhere is asked.
  public var remote = RemoteSettings()

  /// The standard evaluation on the whole test set of MNIST, unless something else is said.
  public init(model: String, threat: String) {
    self.model = model
    self.threat = threat
  }

  /// The names of the attacks, if any are given.
  private var names: [String]? {
    attacks.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The parts of the specification that need no file.
  package struct Parts {
    let threat: ThreatReference
    let norm: Norm
    let radius: Double
    let attacks: [String]?
    let radii: [RadiusRange.Radius]
    /// What is said of the radii.
    let remark: String?
  }

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws -> Parts {
    try checkSettings()
    let reference = try ThreatReference(threat)
    let ball = try reference.ball()
    if let attacks, names?.contains("") == true {
      throw StudyError(
        "\(Setting.attacks) is '\(attacks)'; expected names of attacks joined by commas, such as apgd-ce,square"
      )
    }
    let grid = try curve.map { try RadiusRange.radii($0, ball.norm) }
    return Parts(
      threat: reference, norm: ball.norm, radius: ball.radius, attacks: names,
      radii: grid?.radii ?? [], remark: grid?.remark)
  }
}
