import Models
import Settings
package import Engine

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
        "\(Setting.exact) and \(Setting.algorithms) exclude each other; expected one of them")
    }
  }

  /// Makes sure that nothing is said of networks where none runs here.
  ///
  /// - Throws: `StudyError` that names the option.
  func check(isUsed: Bool, by model: String) throws {
    guard !isUsed, let option = exact ? Setting.exact : algorithms.map({ _ in .algorithms }) else {
      return
    }
    throw StudyError("\(option) is about networks that run here, but \(model) runs elsewhere")
  }

  /// Limits the threads, and says how algorithms are to be chosen.
  ///
  /// - Throws: `StudyError` or an error of the file that names it.
  package func apply() throws -> Algorithms.Policy {
    if let threads { EngineThread.shared.limit(threads: threads) }
    if let algorithms { return .recorded(try EngineRecord.algorithms(inResult: algorithms)) }
    return exact ? .exact : .fastest
  }
}
