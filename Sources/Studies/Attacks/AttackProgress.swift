import Datasets
import Robustness
import Engine
import Synchronization

/// What of an attack is finished while it is under way; from any thread.
package final class AttackProgress: Sendable {
  private struct State {
    var outcomes: [Int: Outcome] = [:]
    var positions: [Int] = []
    var digest = ""
    var start = ContinuousClock.now
  }

  private let state = Mutex(State())

  /// Notes what all runs have.
  func begin(_ positions: [Int], _ digest: String, _ start: ContinuousClock.Instant) {
    state.withLock { ($0.positions, $0.digest, $0.start) = (positions, digest, start) }
  }

  /// Adds what is finished.
  func add(_ outcomes: [Outcome]) {
    state.withLock { for outcome in outcomes { $0.outcomes[outcome.index] = outcome } }
  }

  /// The number of examples that are finished.
  var count: Int { state.withLock { $0.outcomes.count } }

  /// The run as far as it has come.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - algorithms: Which algorithms computed the network.
  ///   - error: Why there will be no more, if it is not finished.
  /// - Returns: The run.
  func run(
    _ request: AttackRun.Request, algorithms: Algorithms?, endedBy error: (any Error)?
  ) -> AttackRun {
    state.withLock { state in
      let done = state.positions.compactMap { position in
        state.outcomes[request.data.index(at: position)].map { (position, $0) }
      }
      return AttackRun(
        request: request, positions: done.map(\.0), outcomes: done.map(\.1),
        seconds: (ContinuousClock.now - state.start).seconds, algorithms: algorithms,
        dataDigest: state.digest,
        unfinished: error.map {
          AttackRun.Unfinished(count: state.positions.count - done.count, reason: $0)
        })
    }
  }
}
