import Foundation
import JSON
import Testing

/// Machines with less than this one has: older processors, and less memory.
@Suite struct MachineTests {
  private static let line =
    "attack mnist-standard --threat linf:0.1 --attack pgd --steps 5 --count 200 --json out.json"

  private func run(_ words: [String], variables: [String: String] = [:]) throws -> (
    result: Command.Result, json: JSONValue
  ) {
    let folder = try Folder()
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    let result = try Command(
      Array(words.dropFirst()), in: folder.path, executable: words[0], environment: environment
    ).result()
    #expect(result.status == 0, "\(result.errors)")
    return (result, try JSONValue(parsing: #require(folder.text("out.json"))))
  }

  private static func command(_ more: String = "") -> [String] {
    [Command.executable] + (line + " " + more).split(separator: " ").map(String.init)
  }

  #if arch(x86_64)
    @Test(
      "a processor without newer instructions gives the same result",
      arguments: ["SSE41", "AVX", "AVX2", "AVX512_CORE"])
    func instructions(limit: String) throws {
      let (_, expected) = try run(Self.command())
      let (result, json) = try run(
        Self.command(), variables: ["ONEDNN_MAX_CPU_ISA": limit, "DNNL_MAX_CPU_ISA": limit])
      #expect(result.errors.isEmpty)
      for key in ["clean_accuracy", "robust_accuracy", "forward_evaluations"] {
        #expect(try #require(json[key]?.doubleValue) == expected[key]?.doubleValue, "\(key)")
      }
    }
  #endif

  @Test func `a batch larger than the data is as good as one of all of it`() throws {
    let (_, expected) = try run(Self.command())
    let (result, json) = try run(Self.command("--batch 1000000"))
    #expect(result.errors.isEmpty)
    let found = try #require(json["robust_accuracy"]?.doubleValue)
    #expect(found == expected["robust_accuracy"]?.doubleValue)
  }

  #if os(Linux)
    @Test func `a batch that does not fit is split, which is said in one line`() throws {
      let words = Self.command().map { ["200": "10000", "5": "1"][$0] ?? $0 }
      let (_, expected) = try run(words)
      let limited = ["/bin/sh", "-c", "ulimit -v 2000000; exec \"$@\"", "sh"]
      let (result, json) = try run(limited + words + ["--batch", "1000000"])
      #expect(result.message.contains("--batch is 1000000: 10000 examples at once need"))
      #expect(result.message.contains("bytes of memory, and"))
      #expect(json["robust_accuracy"]?.doubleValue == expected["robust_accuracy"]?.doubleValue)
    }
  #endif
}
