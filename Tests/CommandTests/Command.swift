import Dispatch
import Foundation
import Synchronization

/// The built command as people run it: a process of its own.
///
/// Output goes to files beside the working folder, so that the tests can see that nothing else appears in it.
final class Command: Sendable {
  /// What a run left behind.
  struct Result: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// The lines on standard error.
    var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The one line on standard error, or everything if it is not one.
    var message: String {
      let lines = errorLines
      return lines.count == 2 && lines[1].isEmpty ? String(lines[0]) : errors
    }
  }

  /// The command did not end in time, or not by itself.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Where the build put the command: beside the tests.
  static let executable: String = {
    // The tests' own path is an argument wherever a helper runs them, and the first one elsewhere.
    var candidates = CommandLine.arguments.filter { $0.contains(".xctest") }
    candidates.append(Bundle.main.executablePath ?? "")
    for candidate in candidates {
      var folder = URL(filePath: candidate).deletingLastPathComponent()
      for _ in 0..<5 {
        let path = folder.appending(path: "gibbon").path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
        {
          return path
        }
        folder.deleteLastPathComponent()
      }
    }
    fatalError("the command is not built beside the tests: \(candidates)")
  }()

  private let process = Process()
  private let streams: Folder
  private let terminal: PseudoTerminal?
  private let ended = DispatchSemaphore(value: 0)

  /// Starts a run.
  ///
  /// - Parameters:
  ///   - arguments: The words after the command's name.
  ///   - folder: The working folder.
  ///   - executable: Another copy of the command.
  ///   - environment: All variables; by default those of the tests.
  ///   - output: Where standard output goes; by default it is kept.
  ///   - terminal: Where standard error goes, if to a terminal.
  /// - Throws: What the system says where it cannot start the process.
  init(
    _ arguments: [String], in folder: String, executable: String = Command.executable,
    environment: [String: String]? = nil, output: String? = nil, terminal: PseudoTerminal? = nil
  ) throws {
    streams = try Folder()
    self.terminal = terminal
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    if let environment { process.environment = environment }
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: streams / name, contents: nil)
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: URL(filePath: output ?? streams / "out"))
    process.standardError = try FileHandle(
      forWritingTo: URL(filePath: terminal?.path ?? streams / "err"))
    let ended = ended
    // A shell may have told the tests to ignore it, and the command would inherit that.
    signal(SIGINT, SIG_DFL)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
  }

  /// What is on standard error so far.
  var errorsSoFar: String { terminal?.text ?? streams.text("err") ?? "" }

  /// Sends Ctrl-C.
  func interrupt() { process.interrupt() }

  /// Asks the process to end.
  func terminate() { process.terminate() }

  /// Sends any signal.
  func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// Ends the process at once, and waits until it is gone.
  func kill() {
    send(SIGKILL)
    process.waitUntilExit()
  }

  /// Waits until something is so, or fails after minutes.
  func wait(until condition: () -> Bool) throws {
    for _ in 0..<30_000 {
      if condition() { return }
      guard process.isRunning else {
        if condition() { return }
        throw Failure(description: "ended too early: \(errorsSoFar)")
      }
      usleep(10_000)
    }
    process.terminate()
    throw Failure(description: "still waiting after minutes: \(errorsSoFar)")
  }

  /// Waits for the end.
  func result() throws -> Result {
    var isOver = false
    for _ in 0..<6000 where !isOver {
      // A terminal that nobody reads fills up, and then the command waits.
      _ = terminal?.text
      isOver = ended.wait(timeout: .now() + 0.1) == .success
    }
    guard isOver else {
      send(SIGKILL)
      throw Failure(description: "still running after minutes: \(errorsSoFar)")
    }
    guard process.terminationReason == .exit else {
      throw Failure(
        description: "ended by signal \(process.terminationStatus): \(errorsSoFar)")
    }
    return Result(
      status: process.terminationStatus, output: streams.text("out") ?? "",
      errors: errorsSoFar)
  }

  /// Runs to the end.
  static func run(_ arguments: String..., in folder: Folder) throws -> Result {
    try Command(arguments, in: folder.path).result()
  }

  /// Runs the words of a line to the end.
  static func run(line: String, in folder: Folder) throws -> Result {
    try Command(line.split(separator: " ").map(String.init), in: folder.path).result()
  }
}
