import Files
import Platform
import Tensors

/// Reads damaged files of every format and says what became of them.
///
///     gibbon-fuzz FOLDER COUNT [BYTES] [FORMAT...]
///
/// FOLDER is one to write to; COUNT is how many files of each format are made. Run it beside `Tests/Fixtures`. Each
/// file is written to FOLDER before it is read, so that after a crash the last one is there. Behind them come files of one
/// and two megabytes, or of BYTES, that are long in one way each. A format fails if its files made the process hold 256 MB
/// more than the honest ones did, or took two seconds of the processor for each megabyte.
@main
enum Fuzz {
  private static let memoryLimit = 256 << 20
  private static let timeLimit = 2.0

  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    guard words.count >= 2, let count = Int(words[1]), count >= 0 else {
      print("gibbon-fuzz FOLDER COUNT [BYTES] [FORMAT...]; the formats are", names)
      exit(2)
    }
    let size = words.count > 2 ? Int(words[2]) : nil
    let sizes = size.map { [$0] } ?? [1 << 20, 2 << 20]
    let chosen = Set(words.dropFirst(size == nil ? 2 : 3))
    guard chosen.isSubset(of: Format.all.map(\.name)) else {
      print("there is no such format; there are", names)
      exit(2)
    }
    try Folder.create(words[0])
    var isGood = true
    for format in Format.all where chosen.isEmpty || chosen.contains(format.name) {
      isGood = try run(format, count, folder: words[0]) && isGood
    }
    // Later, for they need memory that would hide what damaged files need.
    for format in Format.all where chosen.isEmpty || chosen.contains(format.name) {
      isGood = try readLong(format, sizes, "\(words[0])/\(format.name)") && isGood
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
    var slowest = 0.0
    for _ in 0..<count {
      let file = mutation.damaged(
        seeds[mutation.number(below: seeds.count)],
        other: seeds[mutation.number(below: seeds.count)])
      try write(file, to: path)
      let (ending, seconds) = time(format, file, path, least: 1)
      endings[ending, default: 0] += 1
      slowest = max(slowest, seconds)
    }
    let growth = peakMemory() - before
    let words = endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print(
      "\(format.name): \(count) files: \(words.joined(separator: ", ")); \(growth >> 20) MB more,"
        + " slowest \(milliseconds(slowest)) per MB")
    return growth < memoryLimit && slowest < timeLimit
  }

  /// Reads files that are long in one way each, and says which take too long.
  private static func readLong(
    _ format: Format, _ sizes: [Int], _ path: String
  ) throws -> Bool {
    var slowest = 0.0
    for size in sizes {
      for file in try format.long(size) {
        try write(file.bytes, to: path)
        let (ending, seconds) = time(format, file.bytes, path, least: 0.25)
        slowest = max(slowest, seconds)
        guard seconds > timeLimit || showsAll else { continue }
        print(
          "  \(file.name), \(file.bytes.count) bytes: \(ending) after \(milliseconds(seconds)) per MB;"
            + " \(peakMemory() >> 20) MB at most so far")
      }
    }
    fflush(nil)
    if slowest > 0 { print("\(format.name): long files: slowest \(milliseconds(slowest)) per MB") }
    return slowest < timeLimit
  }

  /// Whether every long file is told, and not the slow ones alone.
  private static let showsAll = getenv("GIBBON_FUZZ_ALL") != nil

  private static func milliseconds(_ seconds: Double) -> String { "\(Int(seconds * 1000)) ms" }

  /// What became of a file, and the processor's seconds for each megabyte of it; a small one counts for some part of a
  /// megabyte, since every file costs something.
  private static func time(
    _ format: Format, _ file: [UInt8], _ path: String, least: Double
  ) -> (ending: String, seconds: Double) {
    let start = processorTime()
    var ending = "read"
    do { try format.read(file, path) } catch { ending = "\(type(of: error))" }
    return (ending, (processorTime() - start) / max(least, Double(file.count) / Double(1 << 20)))
  }

  /// What the process has used of the processors, which says more on a busy machine than the clock on the wall.
  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
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
