import Files

/// The command line and the loop over mutants.
struct FuzzCommand {
  private static let usage = """
    usage: fuzz FORMAT FILE... [--count 10000] [--seed 1]
           fuzz write FORMAT FILE NUMBER OUT [--seed 1]
    formats: \(Format.allCases.map(\.rawValue).joined(separator: ", "))
    """
  /// How much more memory than its honest file a mutant may take.
  private static let allowance = 256 << 20

  private var words: [String] = []
  private var count = 10_000
  private var seed: UInt64 = 1

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--count": count = rest.popFirst().flatMap { Int($0) } ?? count
      case "--seed": seed = rest.popFirst().flatMap { UInt64($0) } ?? seed
      default: words.append(word)
      }
    }
  }

  /// Returns the process's status: 0 if nothing was found.
  func run() -> Int32 {
    do {
      if words.first == "write", words.count == 5, let number = Int(words[3]) {
        let file = try WholeFile.read(words[2])
        try AtomicFile.write(Mutant.bytes(of: file, number: number, seed: seed), to: words[4])
        return 0
      }
      if words.first == "child", words.count == 6, let format = Format(rawValue: words[1]),
        let first = Int(words[3]), let end = Int(words[4])
      {
        try child(format, words[2], first..<end, log: words[5])
        return 0
      }
      guard words.count >= 2, let format = Format(rawValue: words[0]) else {
        print(FuzzCommand.usage)
        return 2
      }
      var findings = 0
      for file in words.dropFirst() { findings += try hunt(format, file) }
      return findings == 0 ? 0 : 1
    } catch {
      print("error: \(error)")
      return 2
    }
  }

  /// Reads mutants of one file in children until all are read; each crash costs one child.
  private func hunt(_ format: Format, _ file: String) throws -> Int {
    let log =
      file.split(separator: "/").last.map { "/tmp/fuzz-\($0)-\(seed).log" } ?? "/tmp/fuzz.log"
    var (next, findings, read) = (0, 0, 0)
    while next < count {
      let end = min(next + 500, count)
      let status = System.run([
        "child", format.rawValue, file, String(next), String(end), log, "--seed", String(seed),
      ])
      let fields = String(decoding: try WholeFile.read(log), as: UTF8.self)
        .split(separator: " ").compactMap { Int($0) }
      guard fields.count == 2 else { throw FuzzError.child(status) }
      read += fields[1]
      if status == 0 {
        next = end
      } else {
        findings += 1
        print("\(file): mutant \(fields[0]): ended by \(status)")
        next = fields[0] + 1
      }
    }
    print("\(file): \(count) mutants, \(read) of them still good, \(findings) findings")
    return findings
  }

  /// Reads some mutants; the log holds the number of the one that is being read and how many were good.
  private func child(
    _ format: Format, _ path: String, _ numbers: Range<Int>, log: String
  ) throws {
    let file = try WholeFile.read(path)
    try? format.read(file)
    let honest = System.peakByteCount
    System.limit(byteCount: 16 << 30, seconds: 300)
    var good = 0
    for number in numbers {
      System.record("\(number) \(good)", to: log)
      let mutant = Mutant.bytes(of: file, number: number, seed: seed)
      do {
        try format.read(mutant)
        good += 1
      } catch {}
      guard System.peakByteCount <= honest + FuzzCommand.allowance else {
        print("\(path): mutant \(number) took \((System.peakByteCount - honest) >> 20) MB more")
        exit(status: 3)
      }
    }
    System.record("\(numbers.upperBound - 1) \(good)", to: log)
  }
}

/// Why mutants could not be read at all.
enum FuzzError: Error, CustomStringConvertible {
  case child(Int32)

  var description: String {
    switch self {
    case .child(let status): "a child process ended with \(status) and left no log"
    }
  }
}
