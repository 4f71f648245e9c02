import Files
import Platform
import Remote
import Synchronization

/// Files that keep the answers of remote models while a run is under way, because no other file was named.
///
/// They are removed with this value, unless a run that can go on from them was cut short.
package final class KeptAnswers: Sendable {
  private let kept: Mutex<(files: [String], areKept: Bool)> = Mutex(([], false))
  /// The file that was named, which is nobody's to remove.
  private let named: String?
  private let claims: [FileClaim]
  /// How each model is asked.
  let settings: [RemoteSettings]

  /// Claims a file for the answers of each remote model that has none; one that an earlier run left is kept until this
  /// one succeeds.
  ///
  /// - Parameters:
  ///   - sources: The models.
  ///   - remote: How they are asked.
  ///   - results: The files of the results, beside which the answers are kept.
  /// - Throws: What `FileClaim` throws.
  init(of sources: [ModelSource], _ remote: RemoteSettings, beside results: [String?]) throws {
    named = remote.cache
    let asking = zip(sources, results).map { remote.keepingAnswers(beside: $1, of: $0) }
    settings = asking.map(\.settings)
    let files = asking.compactMap(\.file)
    claims = try files.map { try FileClaim($0) }
    kept.withLock { $0 = (files, files.contains { WholeFile.exists($0) }) }
  }

  /// The files, where no other was named.
  package var files: [String] { kept.withLock { $0.files } }

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
      throw StudyInterrupted(description: keep().map { "interrupted; \($0)" } ?? "interrupted")
    } catch {
      _ = keep()
      throw error
    }
  }

  /// Keeps the files, for what is unfinished.
  ///
  /// - Returns: What is said of that, if there is a file.
  @discardableResult
  package func keep() -> String? {
    kept.withLock { state in
      state.areKept = true
      let files = (state.files + [named].compactMap { $0 }).filter { WholeFile.exists($0) }
      return files.isEmpty
        ? nil
        : "\(files.joined(separator: " and ")) \(files.count == 1 ? "holds" : "hold") all answers; run the same command"
          + " again to continue"
    }
  }

  deinit {
    defer { for claim in claims { claim.release() } }
    kept.withLock { state in
      guard !state.areKept else { return }
      for file in state.files { _ = unlink(file) }
    }
  }
}
