import Files
import Models
import Platform

/// The fastest algorithm of each layer that was ever measured on this machine.
///
/// It is kept in a file for each processor, number of threads and version of the library, in `gibbon` under
/// `$XDG_CACHE_HOME` or `~/.cache`. Its last line is a checksum. A file that is missing or damaged is made anew; where it cannot be written,
/// measurements last as long as the process. Used on the engine thread only.
final class AlgorithmCache: @unchecked Sendable {
  static let shared = AlgorithmCache(folder: AlgorithmCache.defaultFolder)

  private let folder: String?
  private let path: String?
  private let header: [String]
  private var known: [String: ConvolutionAlgorithm]?

  /// Creates a cache in a folder, or one that is forgotten with the process.
  init(folder: String?, machine: Machine = .seenFromEngineThread()) {
    let header = [
      "gibbon algorithms 3", machine.processor, "threads \(machine.threads)", machine.library,
    ]
    self.header = header
    self.folder = folder
    path = folder.map { "\($0)/algorithms-\(Self.digest(header.joined(separator: "\n"))).txt" }
  }

  /// The fastest algorithm for a layer, measured if need be.
  func algorithm(
    for signature: ConvolutionSignature, _ use: Algorithms.Use
  ) throws(EngineError) -> ConvolutionAlgorithm {
    let table = known ?? read()
    known = table
    let layer = signature.description + (use == .singleExamples ? " of one example" : "")
    if let found = table[layer], signature.candidates.contains(found) { return found }
    let fastest = try AlgorithmTrial(signature, use).fastest()
    // Another process may have added layers since the file was read.
    known = table.merging(read()) { _, new in new }.merging([layer: fastest]) { _, new in new }
    write()
    return fastest
  }

  private func read() -> [String: ConvolutionAlgorithm] {
    guard let path, let bytes = try? WholeFile.read(path),
      let text = String(validating: bytes, as: UTF8.self)
    else { return [:] }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Also the end of the last line is one that was written.
    guard lines.popLast() == "", let sum = lines.popLast(), sum == Self.checksum(lines),
      Array(lines.prefix(header.count)) == header
    else { return [:] }
    var table: [String: ConvolutionAlgorithm] = [:]
    for line in lines.dropFirst(header.count) {
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 2, let algorithm = ConvolutionAlgorithm(name: fields[1]) else {
        return [:]
      }
      table[fields[0]] = algorithm
    }
    return table
  }

  private func write() {
    guard let folder, let path, let known else { return }
    let lines = known.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value.name)" }
    let all = header + lines
    try? Folder.create(folder)
    let text = (all + [Self.checksum(all)]).joined(separator: "\n") + "\n"
    try? AtomicFile.write(Array(text.utf8), to: path, replacesOnly: true)
  }

  private static func checksum(_ lines: [String]) -> String {
    var sum = Checksum()
    for line in lines { sum.add(line) }
    return "checksum " + sum.hexadecimal
  }

  private static func digest(_ text: String) -> String {
    // FNV-1a, which unlike Swift's hashes is the same in every process.
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }

  private static var defaultFolder: String? {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    if let caches = variable("XDG_CACHE_HOME"), caches.hasPrefix("/") { return caches + "/gibbon" }
    if let home = variable("HOME"), home.hasPrefix("/") { return home + "/.cache/gibbon" }
    return nil
  }
}
