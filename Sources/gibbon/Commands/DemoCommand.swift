import ArgumentParser

/// The whole story on real digits.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Fool a network, see why, repair it, and write a report.")

  mutating func run() async throws {}
}
