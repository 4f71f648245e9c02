/// A piece of a row's task that can run now.
struct Job: Sendable {
  let job: UnownedJob
  let lane: Lane
  /// Whether the dispatcher waits for its end before it sends a batch that is not full.
  let isCounted: Bool

  func run() { job.runSynchronously(on: lane.asUnownedTaskExecutor()) }
}
