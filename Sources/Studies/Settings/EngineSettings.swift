package import Engine
import Models
import Settings

/// How networks are computed.
public struct EngineSettings: Sendable, Hashable, Codable {
  /// Whether convolutions are computed by the direct algorithm only, which is slower.
  public var exact = false
  /// How many threads to use; one for each processor by default.
  public var threads: Int?
  /// The file of an earlier record whose algorithms are used again, so that it repeats bit for bit.
  public var algorithms: String?

  /// Nothing is said.
  public init() {}

  /// Makes sure that the settings go together.
  ///
  /// - Throws: `StudyError`.
  package func check() throws {
    if let threads, !(1...1024 ~= threads) {
      throw StudyError("\(Setting.threads) is \(threads); expected 1 to 1024")
    }
    if exact, algorithms != nil {
      throw StudyError(
        "\(Setting.exact) and \(Setting.algorithms) cannot be combined; expected one of them")
    }
  }

  /// Makes sure that nothing is said of networks where none runs here.
  ///
  /// - Throws: `StudyError` that names the option.
  func check(isUsed: Bool, by model: String) throws {
    guard !isUsed, let option = exact ? Setting.exact : algorithms.map({ _ in .algorithms }) else {
      return
    }
    throw StudyError("\(option) applies only to networks that run here; \(model) is a remote model")
  }

  /// Limits the threads, and says how algorithms are to be chosen.
  ///
  /// - Throws: `StudyError` or an error of the file that names it.
  package func apply() throws -> Algorithms.Policy {
    if let threads { EngineThread.shared.limit(threads: threads) }
    if let algorithms {
      return try Setting.algorithms.reading(algorithms) {
        .recorded(try EngineRecord.algorithms(inResult: algorithms))
      }
    }
    return exact ? .exact : .fastest
  }
}
extension EngineSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case exact, threads, algorithms
  }

  /// Reads settings; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    self.init()
    try members.read(.exact, into: &exact)
    try members.read(.threads, into: &threads)
    try members.read(.algorithms, into: &algorithms)
  }
}
