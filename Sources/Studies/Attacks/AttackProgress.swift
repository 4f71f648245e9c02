import Datasets
import Models
import Robustness
import Synchronization
import Tensors

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
  ///   - computation: What computed the outputs.
  ///   - error: Why there will be no more, if it is not finished.
  /// - Returns: The run.
  func run(
    _ request: AttackRun.Request, computation: Computation?, endedBy error: (any Error)?
  ) -> AttackRun {
    state.withLock { state in
      let done = state.positions.compactMap { position in
        state.outcomes[request.data.index(at: position)].map { (position, $0) }
      }
      return AttackRun(
        request: request, positions: done.map(\.0), outcomes: done.map(\.1),
        seconds: (ContinuousClock.now - state.start).seconds, computation: computation,
        dataDigest: state.digest,
        unfinished: error.map {
          AttackRun.Unfinished(count: state.positions.count - done.count, reason: $0)
        })
    }
  }
}

/// The search of one change for many examples, and its record on those it saw and those it did not.
struct SharedWork {
  let request: AttackRun.Request
  let search: UniversalPerturbation
  let threat: any ThreatModel
  let positions: [Int]
  let outputs: Tensor<Float>?
  let observer: Observer

  /// How many examples the search sees.
  private var seen: Int { AttackRun.seenCount(positions.count, heldOut: search.heldOut) }

  /// The epochs of all starts.
  private var epochs: Int { search.epochs * search.starts }

  /// The evaluations that the search takes: a gradient per example, epoch and start.
  var passes: Passes { .gradients(seen * epochs) }

  /// Finds the change on the first examples and judges it on all.
  func perform(by runner: AttackRunner) async throws -> (z: Tensor<Float>, outcomes: [Outcome]) {
    let line = observer.begin(request.title, of: epochs, "epochs")
    defer { line.finish() }
    let z = try await runner.shared(search, count: seen, progress: { done, _ in line.show(done) }) {
      try problem($0, epoch: $1)
    }
    let problems = try positions.indices.map { try problem($0, epoch: -1) }
    return (z, try await runner.outcomes(ofChange: z, found: search, for: problems))
  }

  private func problem(_ place: Int, epoch: Int) throws -> Problem {
    let example = try request.data.example(at: positions[place])
    let key = RandomKey(seed: request.seed).child(example.index).child(epoch)
    let own = try search.shared(threat, for: example.input.shape, key: key)
    return try AttackRun.problem(example, request, own, outputs: outputs?.row(place))
  }
}

extension AttackRun {
  /// How many examples a search of one change for all sees, at least one.
  static func seenCount(_ count: Int, heldOut: Double) -> Int {
    max(1, count - Int((heldOut * Double(count)).rounded(.down)))
  }

  /// The shares of rightly classified examples that the shared change breaks, of those that its search saw and of
  /// the others; `nil` where there are none or there is no such change.
  package var foolingRates: (seen: Double, heldOut: Double?)? {
    guard shared != nil, let search = request.attack as? UniversalPerturbation else { return nil }
    let count = AttackRun.seenCount(outcomes.count, heldOut: search.heldOut)
    func rate(_ part: ArraySlice<Outcome>) -> Double? {
      let right = part.filter { $0.cleanMargin <= 0 }
      if right.isEmpty { return nil }
      return Double(right.count { $0.adversarialExample != nil }) / Double(right.count)
    }
    return rate(outcomes[..<count]).map { ($0, rate(outcomes[count...])) }
  }
}
