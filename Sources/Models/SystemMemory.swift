import Platform

/// What the system says about memory.
package struct SystemMemory {
  private let root: String

  /// Reads the files of the system, or of a folder that stands for it.
  package init(root: String = "") { self.root = root }

  /// The bytes that this process may still allocate without being refused or killed; `nil` if the system does not say.
  package var available: Int? { [machine, group, process].compactMap { $0 }.min() }

  /// What the machine has, free or given back when needed.
  private var machine: Int? {
    #if canImport(Glibc)
      field("MemAvailable:", of: "/proc/meminfo").flatMap { bytes($0, unit: 1024) }
    #else
      sysconf(_SC_PHYS_PAGES) > 0 ? sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) : nil
    #endif
  }

  /// What the limits of the control groups leave, of the process's own and of those around it.
  private var group: Int? {
    guard let table = text("/proc/self/cgroup") else { return nil }
    var rest: [Int] = []
    for line in table.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isFirst = parts[1].split(separator: ",").contains("memory")
      guard isFirst || parts[1].isEmpty else { continue }
      let names = parts[2].split(separator: "/").prefix(64)
      for depth in 0...names.count {
        let path = names.prefix(depth).map { "/" + $0 }.joined()
        let left = isFirst ? left(version1: path) : left(version2: path)
        if let left { rest.append(left) }
      }
    }
    return rest.min()
  }

  private func left(version1 path: String) -> Int? {
    let folder = "/sys/fs/cgroup/memory" + path
    return left(
      limit: number(folder + "/memory.limit_in_bytes"),
      used: number(folder + "/memory.usage_in_bytes"),
      cache: field("total_inactive_file", of: folder + "/memory.stat"))
  }

  private func left(version2 path: String) -> Int? {
    let folder = "/sys/fs/cgroup" + path
    return left(
      limit: number(folder + "/memory.max"), used: number(folder + "/memory.current"),
      cache: field("inactive_file", of: folder + "/memory.stat"))
  }

  /// The cache of files is given back when needed.
  private func left(limit: Int?, used: Int?, cache: Int?) -> Int? {
    guard let limit, let used else { return nil }
    return max(0, limit - max(0, used - (cache ?? 0)))
  }

  /// Addresses that nobody asks for beforehand: stacks of threads and small arrays.
  private static let reserve = 32 << 20

  /// What the limit on the process's addresses leaves, but for a reserve: who is refused there cannot say so.
  private var process: Int? {
    var limit = rlimit()
    #if canImport(Glibc)
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    #else
      guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
    #endif
    guard let most = Int(exactly: limit.rlim_cur), let pages = text("/proc/self/statm"),
      let first = pages.split(separator: " ").first.flatMap({ Int($0) }),
      let used = bytes(first, unit: sysconf(Int32(_SC_PAGESIZE)))
    else { return nil }
    return max(0, most - used - SystemMemory.reserve)
  }

  // MARK: Files

  private func number(_ path: String) -> Int? {
    // Where there is no limit, version 2 says "max".
    text(path)?.split(separator: "\n").first.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  private func field(_ name: String, of path: String) -> Int? {
    for line in (text(path) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      if words.count >= 2, words[0] == name { return Int(words[1]).flatMap { $0 >= 0 ? $0 : nil } }
    }
    return nil
  }

  private func bytes(_ count: Int, unit: Int) -> Int? {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }

  /// The beginning of a file of the system's, which has no size before it is read.
  private func text(_ path: String) -> String? {
    let descriptor = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let most = 1 << 16
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      while count < most {
        let received = read(descriptor, buffer.baseAddress?.advanced(by: count), most - count)
        if received < 0 && errno == EINTR { continue }
        if received <= 0 { break }
        count += received
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// How much memory there is for what a run allocates.
public struct MemoryLimit: Sendable {
  /// What the system leaves to this process: memory that is free or can be freed, within the limits of the process
  /// and of its control groups.
  public static let system = MemoryLimit { SystemMemory().available }

  private let measure: @Sendable () -> Int?

  /// Creates a limit.
  ///
  /// - Parameter measure: The bytes that may be allocated when it is called; `nil` if nobody knows.
  public init(_ measure: @escaping @Sendable () -> Int?) { self.measure = measure }

  /// The bytes that may be allocated now; `nil` if the system does not say.
  public var available: Int? { measure() }
}

/// An error that may say that something does not fit in memory, so that a smaller batch is worth a try.
public protocol MemoryError: Error {
  /// The bytes that were needed at least and those that were available; `nil` where the error is about something else.
  var shortage: (needed: Int, available: Int)? { get }
}
