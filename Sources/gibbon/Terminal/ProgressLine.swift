import Reports
import Synchronization

/// A line with share, rate and time left that overwrites itself, on terminals only.
final class ProgressLine: Sendable {
  private let title: String
  private let unit: String
  private let total: Int
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  private struct State {
    var shown: ContinuousClock.Instant?
    var first = 0
  }

  /// Creates a line.
  ///
  /// - Parameters:
  ///   - title: What is being done.
  ///   - total: How many there are to do.
  ///   - unit: What they are.
  ///   - first: How many were done before.
  init(_ title: String, of total: Int, _ unit: String, from first: Int = 0) {
    self.title = title
    self.unit = unit
    self.total = total
    state.withLock { $0.first = first }
  }

  /// Tells how many are done.
  func show(_ done: Int, detail: String = "") {
    guard Terminal.showsProgress else { return }
    let now = ContinuousClock.now
    let first: Int? = state.withLock { state in
      if let shown = state.shown, now - shown < .milliseconds(100), done < total { return nil }
      state.shown = now
      return state.first
    }
    guard let first else { return }
    let seconds = (now - start).seconds
    let rate = Double(done - first) / max(seconds, 1e-9)
    var parts = [
      "\(title) \(Format.count(done)) of \(Format.count(total)) \(unit)",
      "\(Format.fixed(rate, decimals: rate < 10 ? 1 : 0))/s",
    ]
    if done > first {
      parts.append("\(Format.duration(seconds: Double(total - done) / rate)) left")
    }
    if !detail.isEmpty { parts.append(detail) }
    Terminal.overwrite(parts.joined(separator: ", "))
  }

  /// Clears the line.
  func finish() { if Terminal.showsProgress { Terminal.overwrite("") } }
}

extension Duration {
  /// The duration as a number of seconds.
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
