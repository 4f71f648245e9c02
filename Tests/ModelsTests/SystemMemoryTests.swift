import Foundation
import Models
import Testing

@Suite struct SystemMemoryTests {
  /// A folder that stands for the system's root.
  private final class Root {
    let path = NSTemporaryDirectory() + "gibbon-" + UUID().uuidString

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let url = URL(filePath: path + name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  struct Case: CustomTestStringConvertible {
    let testDescription: String
    let files: [String: String]
    let available: Int?
  }

  private static let machine = ["/proc/meminfo": "MemTotal: 900 kB\nMemAvailable:    500 kB\n"]
  private static let own = "/sys/fs/cgroup/a/b", old = "/sys/fs/cgroup/memory"

  static let cases = [
    Case(testDescription: "the machine", files: machine, available: 512_000),
    Case(
      testDescription: "a group that is smaller",
      files: machine.merging([
        "/proc/self/cgroup": "0::/a/b\n", own + "/memory.max": "300000\n",
        own + "/memory.current": "100000\n",
        own + "/memory.stat": "anon 5\ninactive_file 30000\n",
      ]) { $1 }, available: 230_000),
    Case(
      testDescription: "a group around it that is smaller still",
      files: machine.merging([
        "/proc/self/cgroup": "0::/a/b\n", own + "/memory.max": "max\n",
        own + "/memory.current": "100000\n", "/sys/fs/cgroup/a/memory.max": "200000\n",
        "/sys/fs/cgroup/a/memory.current": "150000\n",
      ]) { $1 }, available: 50_000),
    Case(
      testDescription: "a group that is full",
      files: machine.merging([
        "/proc/self/cgroup": "0::/a/b\n", own + "/memory.max": "10\n",
        own + "/memory.current": "20\n",
      ]) { $1 }, available: 0),
    Case(
      testDescription: "a group of version 1, seen from inside of it",
      files: machine.merging([
        "/proc/self/cgroup": "4:cpu,memory:/x\n0::/\n", old + "/memory.limit_in_bytes": "400000\n",
        old + "/memory.usage_in_bytes": "90000\n",
        old + "/memory.stat": "inactive_file 1\ntotal_inactive_file 10000\n",
      ]) { $1 }, available: 320_000),
    Case(
      testDescription: "no limit",
      files: machine.merging([
        "/proc/self/cgroup": "4:memory:/\n",
        old + "/memory.limit_in_bytes": "9223372036854771712\n",
        old + "/memory.usage_in_bytes": "90000\n",
      ]) { $1 }, available: 512_000),
    Case(
      testDescription: "numbers too large, negative, or none",
      files: [
        "/proc/meminfo": "MemAvailable: 9223372036854775807 kB\n",
        "/proc/self/cgroup": "\n:::\n0:::\n4:memory\n0::/a/b\n",
        own + "/memory.max": "99999999999999999999\n", own + "/memory.current": "-4\n",
      ], available: nil),
    Case(testDescription: "nothing known", files: [:], available: nil),
  ]

  #if os(Linux)
    @Test("what is available, as the system's files say", arguments: cases)
    func available(row: Case) throws {
      let root = try Root(row.files)
      #expect(SystemMemory(root: root.path).available == row.available)
    }
  #endif

  @Test func `this machine has some memory`() throws {
    let available = try #require(MemoryLimit.system.available)
    #expect(available > 1 << 20)
  }
}
