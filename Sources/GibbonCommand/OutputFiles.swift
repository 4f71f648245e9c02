import Datasets
import Files
import Platform
import Studies

/// Looks at where results are to go before the work begins.
enum OutputFiles {
  /// An option that names a file to be written.
  struct Target {
    let option: String
    let path: String?
    /// The endings of names that say what is written, the usual one first; empty where the command looks itself.
    let endings: [String]

    /// A file of JSON.
    static func json(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: ["json"])
    }

    /// A file of JSON lines.
    static func lines(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: ["jsonl", "json"])
    }

    /// A page.
    static func page(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: ["html", "htm", "xhtml"])
    }

    /// A file of Gibbon's own, whose state it keeps there.
    static func own(_ option: String, _ path: String?) -> Target {
      // Earlier versions wrote states as safetensors, and so such names are at home in scripts.
      Target(option: option, path: path, endings: ["bin", "safetensors"])
    }

    /// A file whose form its name decides, which is looked at elsewhere.
    static func named(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: [])
    }
  }

  /// Makes sure that what `--output` names may be a folder.
  ///
  /// - Throws: `StudyError`.
  static func check(folder: String?) throws {
    guard let folder else { return }
    guard !folder.isEmpty else {
      throw StudyError("--output is empty; expected the path of a folder")
    }
    guard !WholeFile.exists(folder) || Folder.exists(folder) else {
      throw StudyError("--output is '\(folder)', which is a file; expected a folder")
    }
  }

  /// Makes sure that each file can be created or replaced, without touching it, and is not called by what it will not be.
  ///
  /// - Parameters:
  ///   - targets: The options that name files.
  ///   - inputs: What is read, and what it is called; none of these may be written.
  /// - Throws: `StudyError` for two options with one file or a name that would be wrong, `FileError` for the first
  ///   file that cannot be written.
  static func check(_ targets: [Target], apartFrom inputs: [(name: String, path: String?)] = [])
    throws
  {
    var seen: [String: String] = [:]
    let read = Dictionary(
      inputs.compactMap { input in
        input.path.flatMap { WholeFile.exists($0) ? (resolved($0), input.name) : nil }
      }, uniquingKeysWith: { first, _ in first })
    for target in targets {
      guard let path = target.path else { continue }
      guard !path.isEmpty else {
        throw StudyError("\(target.option) is empty; expected the path of a file")
      }
      // Devices such as /dev/stdout may well take more than one text.
      let place = resolved(path)
      if let other = seen.updateValue(target.option, forKey: place), !path.hasPrefix("/dev/") {
        throw StudyError("\(other) and \(target.option) both write \(path); expected two files")
      }
      if let input = read[place], !path.hasPrefix("/dev/") {
        throw StudyError(
          "\(target.option) is '\(path)', which is read as \(input); expected another file")
      }
      if let ending = FileEnding.of(path), let usual = target.endings.first,
        FileEnding.known.contains(ending), !target.endings.contains(ending)
      {
        throw StudyError(
          "\(target.option) is '\(path)', but its output is not a .\(ending) file; expected a name that ends in"
            + " .\(usual)")
      }
      try AtomicFile.check(path)
    }
  }

  /// The file that a path means, through links and whatever way: that of its folder, if there is none yet.
  private static func resolved(_ path: String) -> String {
    func real(_ path: String) -> String? {
      guard let pointer = realpath(path, nil) else { return nil }
      defer { free(pointer) }
      return String(cString: pointer)
    }
    if let whole = real(path) { return whole }
    guard let slash = path.lastIndex(of: "/") else { return (real(".") ?? ".") + "/" + path }
    return (real(String(path[...slash])) ?? String(path[..<slash])) + path[slash...]
  }

  /// The files that a command reads, with what they are called.
  ///
  /// - Parameters:
  ///   - model: MODEL.
  ///   - data: What `--data` names.
  ///   - labels: What `--labels` names.
  ///   - cache: What `--cache` names, which no other option may write.
  ///   - option: The option that names the data.
  /// - Returns: Names and paths.
  static func inputs(
    _ model: String?, _ data: String?, _ labels: String?, _ cache: String?,
    data option: String = "--data"
  ) -> [(name: String, path: String?)] {
    let files = data.flatMap { try? DataReference($0) }?.files ?? []
    return [("MODEL", model), ("--labels", labels), ("--cache", cache)]
      + files.map { (option, $0) }
  }
}

/// The end of a run: what came of it is told and written, one after the other, and what fails keeps nothing else from
/// that.
///
/// A signal that comes meanwhile waits for its end, unless that takes long.
struct Delivery {
  private(set) var failures: [any Error] = []

  /// Begins.
  init() { Interrupt.hold(true) }

  /// Whether everything was told and written.
  var isWhole: Bool { failures.isEmpty }

  /// Tells a result.
  mutating func tell(_ text: String) { step { try Terminal.print(text) } }

  /// Writes a file, if there is one.
  mutating func write(_ text: @autoclosure () throws -> String, to path: String?) {
    guard let path else { return }
    step { try AtomicFile.write(try text(), to: path) }
  }

  /// Does something else.
  mutating func step(_ work: () throws -> Void) {
    do { try work() } catch { failures.append(error) }
  }

  /// Does something else.
  mutating func step(_ work: () async throws -> Void) async {
    do { try await work() } catch { failures.append(error) }
  }

  /// Says what failed.
  ///
  /// - Parameter remedy: How to go on, to follow that.
  /// - Throws: The failure, or an error that names each of them; `CancellationError` where a signal has come.
  func finish(_ remedy: String? = nil) throws {
    Interrupt.hold(false)
    guard let first = failures.first else {
      if Interrupt.isOn { throw CancellationError() }
      return
    }
    // An output that nobody reads is no complaint where there is another.
    let told = failures.filter { ($0 as? FileError)?.isClosedOutput != true }
    guard told.count > 1 || (remedy != nil && !told.isEmpty) else { throw told.first ?? first }
    throw StudyError(
      told.map { Gibbon.line(for: $0) }.joined(separator: "; ") + (remedy.map { "; \($0)" } ?? ""))
  }
}
