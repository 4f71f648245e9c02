import ArgumentParser

/// What every run on a network has.
struct RunArguments: ParsableArguments {
  @Option(help: "Determines all random choices.")
  var seed: UInt64 = 0

  @Option(help: "How many examples the network sees at once; the results do not depend on it.")
  var batch = 128

  mutating func validate() throws {
    guard 1...4096 ~= batch else {
      throw ValidationError("--batch is \(batch); expected 1 to 4096")
    }
  }
}
