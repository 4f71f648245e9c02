import Foundation

/// Benchmarks: `step` speaks the protocol of run.py; `shell` measures the cost of the shell alone.
@main
enum Main {
  static func main() async throws {
    switch CommandLine.arguments.dropFirst().first {
    case "step": try await StepBenchmark().serve()
    case "shell": try await ShellBenchmark().run()
    case "profile":
      try Profile(
        architecture: CommandLine.arguments[2], rows: Int(CommandLine.arguments[3]) ?? 1
      ).run()
    default:
      FileHandle.standardError.write(Data("usage: gibbon-bench step | shell\n".utf8))
      exit(2)
    }
  }
}
