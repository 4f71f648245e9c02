import ArgumentParser

/// What a network sees, in pictures and numbers.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show why networks can be fooled, in pictures and numbers.",
    discussion: """
      Each of these prints a table, and writes a page with figures by --report and the numbers by --json. \
      `gibbon show NAME --help` says more.

      Examples:
        gibbon show morph mnist-standard mnist-robust --to 3
        gibbon show attribution mnist-standard --index 0 --report out.html
        gibbon show imperceptible mnist-standard --threat linf:0.1 --count 50
        gibbon show hans --plant patch:0.5 --count 4000
      """,
    subcommands: [
      MorphCommand.self, AttributionCommand.self, ImperceptibleCommand.self,
      LinearCommand.self, SpatialCommand.self, HansCommand.self,
    ])
}
