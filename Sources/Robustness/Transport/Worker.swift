import Platform
import Synchronization

/// A thread that runs rows.
///
/// `@unchecked Sendable`: what is not atomic belongs to the thread; the watch reads the rest.
final class Worker: @unchecked Sendable {
  /// Whether the next job made ready on this thread is to be kept for it.
  var keepsNextJob = false

  /// The job that was kept.
  var keptJob: Job?

  /// The batch whose rows this worker is resuming.
  var batch: Batch?

  /// Whether the watch gave up on a job of this thread, so that another stands in for it.
  var wasLost = false

  /// What the thread is doing: zero between jobs; else twice the number of the job, plus one if it
  /// is counted; negative once the watch has given up waiting for that job.
  private let activity = Atomic<Int>(0)
  private var number = 0

  /// The activity that the watch saw last, and for how long; used by the watch only.
  var seen = 0
  var ticks = 0

  /// Notes that a job begins.
  func begin(isCounted: Bool) {
    number += 1
    activity.store(2 * number + (isCounted ? 1 : 0), ordering: .relaxed)
  }

  /// Notes that the job has ended.
  ///
  /// - Returns: Whether the watch had given up on it.
  func end() -> Bool { activity.exchange(0, ordering: .acquiringAndReleasing) < 0 }

  /// Gives up on a job that has run for more than a few ticks of the watch.
  ///
  /// - Returns: `nil` if there is none; else whether it was counted.
  func giveUp(after limit: Int) -> Bool? {
    let now = activity.load(ordering: .relaxed)
    if now <= 0 || now != seen {
      seen = now
      ticks = 0
      return nil
    }
    ticks += 1
    guard ticks >= limit else { return nil }
    let result = activity.compareExchange(
      expected: now, desired: -now, ordering: .acquiringAndReleasing)
    return result.exchanged ? now & 1 == 1 : nil
  }

  /// The worker whose thread this is.
  static var current: Worker? {
    pthread_getspecific(key).map { Unmanaged<Worker>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Makes this thread the worker's while `body` runs.
  func occupyThread(_ body: () -> Void) {
    pthread_setspecific(Worker.key, Unmanaged.passUnretained(self).toOpaque())
    body()
    pthread_setspecific(Worker.key, nil)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, nil) == 0, "no room for a thread-local value")
    return key
  }()
}

/// A piece of a row's task that can run now.
struct Job: Sendable {
  let job: UnownedJob
  let executor: SessionExecutor
  /// Whether the dispatcher waits for its end before it sends a batch that is not full.
  let isCounted: Bool

  func run() { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
}

/// Jobs in the order they became ready.
struct JobQueue {
  private var jobs: [Job] = []
  private var first = 0

  mutating func append(_ job: Job) { jobs.append(job) }

  mutating func popFirst() -> Job? {
    guard first < jobs.count else { return nil }
    defer {
      first += 1
      // Half of the storage is past: worth moving the rest, at a constant cost per job.
      if first == jobs.count || first > 64 && 2 * first > jobs.count {
        jobs.removeFirst(first)
        first = 0
      }
    }
    return jobs[first]
  }
}
