import Remote
package import Robustness
import Settings

/// All that is asked of a comparison of networks under natural changes: what can be written down and run again.
public struct SpatialSpecification: Sendable, Hashable, Codable {
  /// Built-in networks or files; those that take larger pictures than the first get the examples on a black canvas.
  public var models: [String]
  /// What the models' files do not say of themselves.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// What may be done to a picture: changes of few parameters, one after the other.
  public var threat = "rotation:30+shift:3"
  /// The number of values of each parameter on the grid, joined by commas.
  public var grid = "31,5,5"
  /// The number of random draws of which the worst counts.
  public var draws = 10
  /// A change of values that comes alone and after the others.
  public var ball = "linf:0.1"
  /// Determines all random choices.
  public var seed: UInt64 = 0
  /// How many inputs a network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()

  /// Rotations and shifts, as Engstrom and others have them.
  public init(models: [String]) { self.models = models }

  /// The parts in their types.
  package struct Checked: Sendable {
    /// The change of places.
    package let threat: ThreatReference
    /// The change of values.
    package let ball: ThreatReference
    /// Both, the change of values last.
    package let both: ThreatReference
    /// The number of values of each parameter.
    package let counts: [Int]
    /// The largest shift along an axis in pixels.
    package let shift: Double
  }

  /// The most points of a grid.
  package static let mostPoints = 100_000

  /// Makes sure that each part is right.
  ///
  /// - Throws: An error that names what is not, before any file is read.
  package func check() throws -> Checked {
    try modelSettings.check()
    try data.check()
    try engine.check()
    try StudyError.check(batch: batch)
    guard 1...16 ~= models.count else {
      throw StudyError("\(models.count) models; expected 1 to 16")
    }
    for (place, model) in models.enumerated() where models[..<place].contains(model) {
      throw StudyError("the model '\(model)' is named twice; expected different ones")
    }
    if let model = models.first(where: { RemoteReference($0) != nil }) {
      throw StudyError("\(model) is a remote model; expected networks that run here")
    }
    let reference = try ThreatReference(threat)
    let kinds: Set<ThreatTerm.Kind> = [.rotation, .shift]
    let terms = reference.alternatives.joined()
    guard reference.alternatives.count == 1, !terms.isEmpty,
      terms.allSatisfy({ kinds.contains($0.kind) && $0.amount != nil })
    else {
      throw StudyError(
        "\(Setting.threat) is '\(threat)'; expected rotations and shifts, such as rotation:30+shift:3"
      )
    }
    let parameters = terms.reduce(0) { $0 + ($1.kind == .shift ? 2 : 1) }
    let words = grid.split(separator: ",", omittingEmptySubsequences: false)
    let counts = words.compactMap { Int($0) }
    guard counts.count == words.count, counts.count == parameters,
      counts.allSatisfy({ 1...10_000 ~= $0 }),
      counts.reduce(1.0, { $0 * Double($1) }) <= Double(Self.mostPoints)
    else {
      throw StudyError(
        "\(Setting.grid) is '\(grid)'; expected \(parameters) numbers of values joined by commas, at most"
          + " \(Self.mostPoints) points in all")
    }
    guard 1...10_000 ~= draws else {
      throw StudyError("\(Setting.draws) is \(draws); expected 1 to 10000")
    }
    let ball = try ThreatReference(self.ball)
    _ = try Setting.ball.reading(self.ball) { try ball.ball() }
    return Checked(
      threat: reference, ball: ball, both: try ThreatReference("\(threat)+\(self.ball)"),
      counts: counts,
      shift: terms.reduce(0) { $0 + ($1.kind == .shift ? $1.amount ?? 0 : 0) })
  }
}

extension SpatialSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: SpatialSpecification { self }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case models, modelSettings, data, threat, grid, draws, ball, seed, batch, engine
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(models: [])
    try members.read(.models, into: &models)
    if models.isEmpty { throw StudyError("a specification: expected 'models'") }
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.threat, into: &threat)
    try members.read(.grid, into: &grid)
    try members.read(.draws, into: &draws)
    try members.read(.ball, into: &ball)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
  }
}
