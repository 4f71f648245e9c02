import Files
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads damaged files of every format and says what became of them.
///
///     gibbon-fuzz FOLDER COUNT [FORMAT...]
///
/// FOLDER is one to write to; COUNT is how many files of each format are made. Run it beside `Tests/Fixtures`. Each
/// file is written to FOLDER before it is read, so that after a crash the last one is there. A format fails if its
/// files made the process hold 256 MB more than the honest ones did, or took 10 seconds to be refused.
@main
enum Fuzz {
  private static let memoryLimit = 256 << 20
  private static let timeLimit = Duration.seconds(10)

  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    guard words.count >= 2, let count = Int(words[1]), count > 0 else {
      print("gibbon-fuzz FOLDER COUNT [FORMAT...]; the formats are", names)
      exit(2)
    }
    let chosen = Set(words[2...])
    guard chosen.isSubset(of: Format.all.map(\.name)) else {
      print("there is no such format; there are", names)
      exit(2)
    }
    try Folder.create(words[0])
    var isGood = true
    for format in Format.all where chosen.isEmpty || chosen.contains(format.name) {
      isGood = try run(format, count, folder: words[0]) && isGood
    }
    exit(isGood ? 0 : 1)
  }

  private static var names: String { Format.all.map(\.name).joined(separator: ", ") }

  private static func run(_ format: Format, _ count: Int, folder: String) throws -> Bool {
    let path = "\(folder)/\(format.name)"
    let seeds = try format.seeds(Fixtures(folder: "Tests/Fixtures"))
    for seed in seeds {
      try write(seed, to: path)
      try? format.read(seed, path)
    }
    let before = peakMemory()
    var mutation = Mutation(RandomKey(seed: 1).child(format.name))
    var endings: [String: Int] = [:]
    var slowest = Duration.zero
    for _ in 0..<count {
      let file = mutation.damaged(
        seeds[mutation.number(below: seeds.count)],
        other: seeds[mutation.number(below: seeds.count)])
      try write(file, to: path)
      let start = ContinuousClock.now
      do {
        try format.read(file, path)
        endings["read", default: 0] += 1
      } catch {
        endings["\(type(of: error))", default: 0] += 1
      }
      slowest = max(slowest, ContinuousClock.now - start)
    }
    let growth = peakMemory() - before
    let words = endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print(
      "\(format.name): \(count) files: \(words.joined(separator: ", ")); \(growth >> 20) MB more,"
        + " slowest \(slowest)")
    return growth < memoryLimit && slowest < timeLimit
  }

  /// Writes without the care of `AtomicFile`, which would wait for the disk.
  private static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else {
      throw FileError(path: path, action: "write it", code: errno)
    }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw FileError(path: path, action: "write it", code: errno)
    }
  }

  /// The most bytes of memory that the process has held so far.
  private static func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
