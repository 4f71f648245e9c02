import Studies
import Files
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
