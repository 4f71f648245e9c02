import Foundation

/// Benchmarks: `serve` speaks the protocol of run.py; `runner` measures the cost of the runner alone, `profile` each
/// step of a network's pass forward and backward.
@main
enum Main {
  static func main() async {
    do {
      switch CommandLine.arguments.dropFirst().first {
      case "serve" where CommandLine.arguments.count == 2:
        var contestant = Contestant()
        try await contestant.serve()
      case "runner" where CommandLine.arguments.count == 2: try await RunnerBenchmark().run()
      case "profile" where CommandLine.arguments.count == 4:
        try Profile(CommandLine.arguments[2], rows: CommandLine.arguments[3]).run()
      case "profile"
      where CommandLine.arguments.count == 5 && CommandLine.arguments[4] == "training":
        try Profile(CommandLine.arguments[2], rows: CommandLine.arguments[3], isTraining: true)
          .run()
      default: fail("usage: gibbon-bench serve | runner | profile NETWORK ROWS [training]")
      }
    } catch {
      fail("gibbon-bench: \(error)")
    }
  }

  private static func fail(_ line: String) -> Never {
    FileHandle.standardError.write(Data((line + "\n").utf8))
    exit(2)
  }
}
