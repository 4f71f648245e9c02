import Models
import Robustness
import Synchronization
import Tensors

/// Runs another attack and notes what it was asked and what it came back with.
struct Recorder: Attack {
  static let name = "recorder"
  static let knowledge = Knowledge.gradients

  /// One attempt.
  struct Entry {
    let index: Int
    let z: Tensor<Float>
    let isFeasible: Bool
    let center: Tensor<Float>
  }

  /// What was noted.
  final class Log: Sendable {
    let entries = Mutex<[Entry]>([])
    let attempts = Atomic<Int>(0)
  }

  let attack: any Attack
  let log = Log()
  /// Told before each attempt how many there were.
  var onAttempt: @Sendable (Int) -> Void = { _ in }

  var budget: Passes { attack.budget }
  var restarts: Int { attack.restarts }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    onAttempt(log.attempts.wrappingAdd(1, ordering: .relaxed).oldValue)
    let candidate = try await attack.maximize(problem, using: oracle)
    let region = try problem.region
    log.entries.withLock {
      $0.append(
        Entry(
          index: problem.index, z: candidate.z, isFeasible: region.contains(candidate.z),
          center: region.center))
    }
    return candidate
  }
}

/// Asks for a number of gradients and notes whether any answer invited it to stop.
struct Counter: Attack {
  static let name = "counter"
  static let knowledge = Knowledge.gradients

  /// What was noted.
  final class Log: Sendable {
    let gradients = Atomic<Int>(0)
    let invitations = Atomic<Int>(0)
    let margins = Mutex<[Double]>([])
  }

  let steps: Int
  let log = Log()

  var budget: Passes { .gradients(steps) }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(.crossEntropy, outputCount: oracle.outputCount)
    let center = try problem.region.center
    for _ in 0..<steps {
      let answer = try await oracle.gradient(at: center, of: objective)
      log.gradients.wrappingAdd(1, ordering: .relaxed)
      if answer.reachesGoal { log.invitations.wrappingAdd(1, ordering: .relaxed) }
      log.margins.withLock { $0.append(answer.margin) }
    }
    return Candidate(center)
  }
}

/// Fails on some examples.
struct Failing: Attack {
  struct Refusal: Error {}

  static let name = "failing"
  static let knowledge = Knowledge.gradients

  let indices: Set<Int>

  var budget: Passes { .zero }

  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    if indices.contains(problem.index) { throw Refusal() }
    return Candidate(try problem.region.center)
  }
}
