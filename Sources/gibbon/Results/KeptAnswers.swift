import Files
import Remote
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files that keep the answers of models elsewhere while a run is under way, because no other file was named.
///
/// They are removed with this value, unless a run that can go on from them was cut short.
final class KeptAnswers: Sendable {
  private let kept: Mutex<(files: [String], areKept: Bool)> = Mutex(([], false))
  /// The file that was named, which is nobody's to remove.
  private let named: String?

  /// Begins without files.
  ///
  /// - Parameter named: The file of answers that was named, if one was.
  init(named: String?) { self.named = named }

  /// Adds a file; one that an earlier run left is kept until this one succeeds.
  func add(_ file: String?) {
    guard let file else { return }
    kept.withLock { state in
      state.files.append(file)
      state.areKept = state.areKept || WholeFile.exists(file)
    }
  }

  /// Does work, after whose end there is no use for the files, unless it ends early.
  ///
  /// - Throws: What the work throws; where it was interrupted, also where to go on from.
  func during<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      let value = try await work()
      kept.withLock { $0.areKept = false }
      return value
    } catch let error as RemoteError where error.cache == nil {
      // An answer that makes no sense is not to be built on.
      throw error
    } catch is CancellationError {
      throw Interrupted(description: keep().map { "interrupted; \($0)" } ?? "interrupted")
    } catch {
      _ = keep()
      throw error
    }
  }

  /// Keeps the files, for what is unfinished.
  ///
  /// - Returns: What is said of that, if there is a file.
  @discardableResult
  func keep() -> String? {
    kept.withLock { state in
      state.areKept = true
      let files = (state.files + [named].compactMap { $0 }).filter { WholeFile.exists($0) }
      return files.isEmpty
        ? nil
        : "\(files.joined(separator: " and ")) \(files.count == 1 ? "holds" : "hold") all answers, and the same command"
          + " goes on from there"
    }
  }

  deinit {
    kept.withLock { state in
      guard !state.areKept else { return }
      for file in state.files { _ = unlink(file) }
    }
  }
}
