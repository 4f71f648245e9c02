import Files
import Settings
package import Smoothing

/// All that is asked of the certificates of a smoothed classifier: what can be written down and run again, here or
/// elsewhere.
public struct SmoothingSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a remote model.
  public var model: String
  /// The noise: `gaussian:DEVIATION` or `uniform:HALF-WIDTH`, in units of the input.
  public var smoothing: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// The radii at which certified accuracy is told, joined by commas; four steps of the noise by default.
  public var radii: String?
  /// Whether each radius is decided by as many draws as that takes, in place of one bound by all draws.
  public var anytime = false
  /// The number of draws by which a class is chosen.
  public var selection = 100
  /// The number of draws by which its probability is bounded; with `anytime` the most for a radius.
  public var draws = 100_000
  /// The probability that what is said of an example is wrong.
  public var alpha = 0.001
  /// Determines all draws.
  public var seed: UInt64 = 0
  /// How many draws the model sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a remote model is asked.
  public var remote = RemoteSettings()

  /// Certificates for the whole test set of MNIST by Cohen's constants, unless something else is said.
  public init(model: String, smoothing: String) {
    self.model = model
    self.smoothing = smoothing
  }

  /// The noise that is meant.
  ///
  /// - Throws: `StudyError` that says what a noise is.
  package func noise() throws -> SmoothingNoise {
    let parts = smoothing.split(separator: ":", omittingEmptySubsequences: false)
    let wrong = StudyError(
      "\(Setting.smoothing) is '\(smoothing.terminalSafe)'; expected gaussian:DEVIATION or uniform:HALF-WIDTH, such as gaussian:0.25"
    )
    guard parts.count == 2, let amount = Double(parts[1]), amount.isFinite, amount > 0 else {
      throw wrong
    }
    switch parts[0] {
    case "gaussian": return .gaussian(deviation: amount)
    case "uniform": return .uniform(halfWidth: amount)
    default: throw wrong
    }
  }

  /// The radii that are meant, ascending.
  ///
  /// - Throws: `StudyError` that says what a radius is.
  package func chosenRadii() throws -> [Double] {
    guard let radii else {
      let unit =
        switch try noise() {
        case .gaussian(let deviation): deviation
        case .uniform(let width): width / 4
        }
      return (1...4).map { Double($0) * unit }
    }
    let numbers = radii.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.allSatisfy({ ($0 ?? 0) > 0 && ($0 ?? 0).isFinite }),
      Set(numbers).count == numbers.count
    else {
      throw StudyError(
        "\(Setting.radii) is '\(radii.terminalSafe)'; expected different numbers above 0 joined by commas, such as 0.25,0.5"
      )
    }
    return numbers.compactMap { $0 }.sorted()
  }

  /// Makes sure that each part is right.
  func check() throws {
    try checkSettings()
    _ = try noise()
    _ = try chosenRadii()
    for (setting, count) in [(Setting.selection, selection), (Setting.draws, draws)] {
      guard 1...1_000_000_000 ~= count else {
        throw StudyError("\(setting) is \(count); expected 1 to 1,000,000,000")
      }
    }
    guard alpha > 0, alpha < 0.5 else {
      throw StudyError(
        "\(Setting.alpha) is \(alpha.plain); expected a number above 0 and below 0.5")
    }
  }
}

extension SmoothingSpecification: ModelSpecification {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case model, smoothing, modelSettings, data, radii, anytime, selection, draws, alpha, seed, batch
    case engine, remote
  }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init(model: try members.text(.model), smoothing: try members.text(.smoothing))
    try members.read(.modelSettings, into: &modelSettings)
    try members.read(.data, into: &data)
    try members.read(.radii, into: &radii)
    try members.read(.anytime, into: &anytime)
    try members.read(.selection, into: &selection)
    try members.read(.draws, into: &draws)
    try members.read(.alpha, into: &alpha)
    try members.read(.seed, into: &seed)
    try members.read(.batch, into: &batch)
    try members.read(.engine, into: &engine)
    try members.read(.remote, into: &remote)
  }
}
