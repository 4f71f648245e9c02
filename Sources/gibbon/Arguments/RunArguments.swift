import Studies
import ArgumentParser

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
