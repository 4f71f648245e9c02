import Studies
import ArgumentParser

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

  mutating func validate() throws { try Parse.check { try settings.check() } }

  /// What was given.
  var settings: EngineSettings {
    var settings = EngineSettings()
    settings.exact = exact
    settings.threads = threads
    settings.algorithms = algorithms
    return settings
  }
}
