import Foundation
import Networks

/// Our side of the protocol that peers/protocol.py describes: a command on each line, an answer for each.
struct Contestant {
  private var workloads: [String: any Workload] = [:]

  /// Answers commands until `quit` or the end of the input.
  mutating func serve() async throws {
    let threads = ProcessInfo.processInfo.activeProcessorCount
    try answer(
      Introduction(name: "Gibbon", versions: ["swift": Self.compiler], threads: threads))
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      if words == ["quit"] { return }
      do {
        guard words.count == 3 else { throw BenchmarkError.command(line) }
        switch words[0] {
        case "load": try answer(load(words[1], words[2]))
        case "run": try answer(await run(words[1], words[2]))
        case "check": try answer(await check(words[1], words[2]))
        default: throw BenchmarkError.command(line)
        }
      } catch {
        try answer(["error": "\(error)"])
      }
    }
  }

  private mutating func load(_ name: String, _ path: String) throws -> [String: String] {
    do {
      workloads[name] = try WorkloadName(name).workload(Inputs(path: path, WorkloadName(name)))
      return ["loaded": name]
    } catch let error as NetworkError {
      // A network that this build does not know is no failure of the rest.
      guard case .unknownArchitecture(let missing, _) = error else { throw error }
      return ["skip": "this build has no architecture \(missing)"]
    }
  }

  private func run(_ name: String, _ steps: String) async throws -> Measurement {
    guard let steps = Int(steps), steps > 0 else { throw BenchmarkError.steps(steps) }
    return Measurement(seconds: try await workload(name).seconds(perStepOf: steps))
  }

  private func check(_ name: String, _ path: String) async throws -> [String: String] {
    var file = SafeTensorsFile(name: path)
    file.tensors = try await workload(name).results()
    try Data(file.encoded()).write(to: URL(fileURLWithPath: path))
    return ["check": path]
  }

  private func workload(_ name: String) throws -> any Workload {
    guard let workload = workloads[name] else { throw BenchmarkError.notLoaded(name) }
    return workload
  }

  private func answer(_ message: some Encodable) throws {
    print(String(decoding: try JSONEncoder().encode(message), as: UTF8.self))
    fflush(nil)
  }

  private struct Introduction: Encodable {
    let name: String
    let versions: [String: String]
    let threads: Int
  }

  private struct Measurement: Encodable {
    let seconds: Double
  }

  private static var compiler: String {
    #if compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
