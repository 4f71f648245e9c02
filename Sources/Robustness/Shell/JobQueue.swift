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
