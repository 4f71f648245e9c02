import ArgumentParser
import Engine
import Files
import Models

/// How networks are computed.
struct EngineArguments: ParsableArguments {
  @Flag(help: "Compute convolutions by the direct algorithm only, which is slower.")
  var exact = false

  @Option(
    parsing: .unconditional,
    help: "How many threads to use; one for each processor by default.",
    transform: Parse.integer)
  var threads: Int?

  @Option(
    help: "Compute each layer as this earlier result (--json) says, so that it repeats bit for bit."
  )
  var algorithms: String?

  mutating func validate() throws {
    if let threads, !(1...1024 ~= threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 1024")
    }
    if exact, algorithms != nil {
      throw ValidationError("--exact and --algorithms exclude each other; expected one of them")
    }
  }

  /// Makes sure that nothing is said of networks where none runs here.
  ///
  /// - Throws: `BadArgument` that names the option.
  func check(isUsed: Bool, by model: String) throws {
    guard !isUsed, let option = exact ? "--exact" : algorithms.map({ _ in "--algorithms" }) else {
      return
    }
    throw BadArgument("\(option) is about networks that run here, but \(model) runs elsewhere")
  }

  /// Limits the threads, and says how algorithms are to be chosen.
  ///
  /// - Throws: `BadArgument` or an error of the file that names it.
  func apply() throws -> Algorithms.Policy {
    if let threads { EngineThread.shared.limit(threads: threads) }
    if let algorithms { return .recorded(try EngineRecord.algorithms(inResult: algorithms)) }
    return exact ? .exact : .fastest
  }
}
