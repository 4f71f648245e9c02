import Platform

/// A mutex with a condition, for threads that must sleep until there is work.
///
/// `@unchecked Sendable` because it owns two native handles, which are made to be shared.
package final class Lock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` while no other thread holds the lock.
  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Sleeps until woken, possibly for no reason.
  ///
  /// The lock must be held; it is free meanwhile.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// Sleeps until woken or until the time is over.
  ///
  /// The lock must be held; it is free meanwhile.
  package func wait(milliseconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let nanoseconds = Int(time.tv_nsec) + milliseconds * 1_000_000
    time.tv_sec += nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    pthread_cond_timedwait(condition, mutex, &time)
  }

  /// Wakes one sleeper.
  package func signal() { pthread_cond_signal(condition) }

  /// Wakes every sleeper.
  package func broadcast() { pthread_cond_broadcast(condition) }
}
