import Studies
import Reports
import Synchronization

/// Shows what a study tells on standard error, and says to the signals how what is finished is kept.
enum TerminalObserver {
  /// The observer of all studies of the command.
  static let observer = Observer { receive($0) }

  private static let shown = Mutex<(stage: Int, time: ContinuousClock.Instant)?>(nil)

  private static func receive(_ event: StudyEvent) {
    switch event {
    case .began(let stage):
      // A stage without parts is named once.
      if stage.total == 0, Terminal.showsProgress { Terminal.overwrite("\(stage.title) ...") }
    case .broke: break
    case .progress(let progress): show(progress)
    case .ended: clear()
    case .note(let line):
      clear()
      Terminal.note("gibbon: \(line)")
    case .warning(let line): Terminal.warning(line)
    case .done(let line): Terminal.note(line)
    case .resumable(let way): Interrupt.saving(way?.save, size: way?.size ?? 0)
    case .ending: Interrupt.beginEnd()
    }
  }

  /// Shows share, rate and time left on a line that overwrites itself, on terminals only.
  private static func show(_ progress: StudyEvent.Progress) {
    guard Terminal.showsProgress else { return }
    let (stage, done) = (progress.stage, progress.done)
    let now = ContinuousClock.now
    let isDue = shown.withLock { shown in
      if let last = shown, last.stage == stage.id, now - last.time < .milliseconds(100),
        done < stage.total
      {
        return false
      }
      shown = (stage.id, now)
      return true
    }
    guard isDue else { return }
    let rate = progress.rate
    var parts = [
      "\(stage.title) \(Format.count(done)) of \(Format.count(stage.total)) \(stage.unit)",
      "\(Format.fixed(rate, decimals: rate < 10 ? 1 : 0))/s",
    ]
    if let seconds = progress.secondsLeft {
      parts.append("\(Format.duration(seconds: seconds)) left")
    }
    if !progress.detail.isEmpty { parts.append(progress.detail) }
    Terminal.overwrite(parts.joined(separator: ", "))
  }

  private static func clear() { if Terminal.showsProgress { Terminal.overwrite("") } }
}
