import Remote
package import Robustness
import Settings

/// All that is asked of a matrix of networks and radii: what can be written down and run again, here or elsewhere.
public struct MatrixSpecification: Sendable, Hashable, Codable {
  /// Built-in networks or files, the rows.
  public var models: [String]
  /// Balls with several radii each, such as `linf:0.1,0.2,0.3`, the columns.
  public var threats: [String]
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// The attacks, joined by commas; the standard ones of each norm by default.
  public var attacks: String?
  /// Whether each standard attack spends its whole budget, whatever its pace.
  public var exhaustive = false
  /// Whether to bound each robust accuracy from below, too, by verified bounds.
  public var verify = false
  /// Whether to run no attack on examples that are certified; needs `verify`.
  public var skipCertified = false
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many examples a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()

  /// The standard attacks on the whole test set of MNIST, unless something else is said.
  public init(models: [String], threats: [String]) {
    self.models = models
    self.threats = threats
  }

  /// One ball of several.
  package struct Ball: Sendable {
    package let reference: ThreatReference
    package let norm: Norm
    package let radius: Double
    /// The radius as it was written.
    package let text: String
  }

  /// The most columns, and the most rows.
  private static let most = 64

  /// Makes sure that each part is right.
  ///
  /// - Returns: The balls, those of one norm together by ascending radius.
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws -> [Ball] {
    try modelSettings.check()
    try data.check()
    try engine.check()
    try StudyError.check(batch: batch)
    try Verification.check(verify, skipsCertified: skipCertified)
    guard 1...Self.most ~= models.count else {
      throw StudyError("\(models.count) models; expected 1 to \(Self.most)")
    }
    for (place, model) in models.enumerated() where models[..<place].contains(model) {
      throw StudyError("the model '\(model)' is named twice; expected different ones")
    }
    if let model = models.first(where: { RemoteReference($0) != nil }) {
      throw StudyError(
        "\(model) is a remote model; expected networks that run here, since all get the same attacks"
      )
    }
    if let attacks, attacks.split(separator: ",", omittingEmptySubsequences: false).contains("") {
      throw StudyError(
        "\(Setting.attacks) is '\(attacks)'; expected names of attacks joined by commas, such as apgd-ce,square"
      )
    }
    var balls: [Ball] = []
    for threat in threats { balls += try Self.balls(threat) }
    guard 1...Self.most ~= balls.count else {
      throw StudyError(
        "\(Setting.threat): \(balls.count) radii; expected 1 to \(Self.most), such as linf:0.1,0.2,0.3"
      )
    }
    let norms = balls.map(\.norm)
    balls = balls.enumerated().sorted { left, right in
      let order = (
        norms.firstIndex(of: left.element.norm) ?? 0, norms.firstIndex(of: right.element.norm) ?? 0
      )
      return order.0 != order.1 ? order.0 < order.1 : left.element.radius < right.element.radius
    }.map(\.element)
    for (first, second) in zip(balls, balls.dropFirst())
    where first.norm == second.norm && first.radius == second.radius {
      throw StudyError(
        "\(Setting.threat): \(second.reference) is named twice; expected different radii")
    }
    return balls
  }

  /// The balls of a norm and several radii.
  private static func balls(_ text: String) throws -> [Ball] {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let norm = Norm(rawValue: String(parts[0])) else {
      throw StudyError(
        "\(Setting.threat) is '\(text)'; expected a norm and radii joined by commas, such as linf:0.1,0.2 or l2:1,2"
      )
    }
    return try parts[1].split(separator: ",", omittingEmptySubsequences: false).map { radius in
      let reference = try ThreatReference("\(norm.rawValue):\(radius)")
      let ball = try reference.ball()
      return Ball(reference: reference, norm: norm, radius: ball.radius, text: String(radius))
    }
  }

  /// The names of the attacks, if any are given.
  var names: [String]? { attacks.map { $0.split(separator: ",").map(String.init) } }
}

extension MatrixSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: MatrixSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case models, threats, modelSettings, data, attacks, exhaustive, verify, skipCertified
    case seed, batch, engine
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(models: [], threats: [])
    try members.read(.models, into: &models)
    try members.read(.threats, into: &threats)
    if models.isEmpty { throw StudyError("a specification: expected 'models'") }
    if threats.isEmpty { throw StudyError("a specification: expected 'threats'") }
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.attacks, into: &attacks)
    try members.read(.exhaustive, into: &exhaustive)
    try members.read(.verify, into: &verify)
    try members.read(.skipCertified, into: &skipCertified)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
  }
}
