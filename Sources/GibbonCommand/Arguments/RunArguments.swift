import ArgumentParser
import Studies

/// What every run on a network has.
struct RunArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Determines all random choices.",
    transform: Parse.seed)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: "How many examples the network sees at once; the results do not depend on it.",
    transform: Parse.integer)
  var batch = 128

  mutating func validate() throws {
    try Parse.check { try StudyError.check(batch: batch) }
  }
}

/// How networks are computed.
struct EngineArguments: ParsableArguments {
  @Flag(help: "Compute convolutions directly only, which is slower.")
  var exact = false

  @Option(
    parsing: .unconditional,
    help: "How many threads to use; one per processor by default.",
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

/// Whether bounds are asked for, too.
struct VerificationArguments: ParsableArguments {
  @Flag(
    help:
      "Also verify, by bounds that hold for every allowed change, how many examples cannot be broken."
  )
  var verify = false

  @Flag(help: "Run no attack on examples that --verify certifies.")
  var skipCertified = false
}
