import Platform
import Synchronization

/// Whether all waiting for a model elsewhere is to end, which any thread may say.
final class Interruption: Sendable {
  private let flag = Atomic(false)

  /// The longest that nobody looks at it, in milliseconds.
  static let tick = 100

  /// Whether that was said.
  var isOn: Bool { flag.load(ordering: .relaxed) }

  /// Says it.
  func set() { flag.store(true, ordering: .relaxed) }

  /// Waits; on the engine's thread, which has nothing else to do.
  ///
  /// - Throws: `CancellationError` if the wait is to end.
  func sleep(_ duration: Duration) throws {
    var rest = duration.milliseconds
    while rest > 0 {
      if isOn { throw CancellationError() }
      var part = timespec(tv_sec: 0, tv_nsec: min(rest, Self.tick) * 1_000_000)
      var left = timespec()
      while nanosleep(&part, &left) != 0, errno == EINTR { part = left }
      rest -= Self.tick
    }
  }
}
