import Settings

/// Why a remote model does not answer.
public enum RemoteError: Error, Hashable, CustomStringConvertible {
  /// The system lacks what is needed to ask at all.
  case unavailable(model: String, reason: String)
  /// No answer after as many attempts; the last reason.
  case silent(model: String, attempts: Int, reason: String, answered: Int, cache: String?)
  /// The other side asks to be left alone for longer than is waited.
  case wait(
    model: String, reason: String, wait: Duration, limit: Duration, answered: Int, cache: String?)
  /// An answer that says that asking again is of no use.
  case refused(model: String, reason: String, answered: Int, cache: String?)
  /// More was said than was asked for, so that answers may belong to other inputs.
  case misaligned(model: String, reason: String)
  /// An answer that is not what was asked for.
  case answer(model: String, problem: String)
  /// The number of queries that may be asked is used up.
  case budget(model: String, queries: Int, cache: String?)
  /// A cache of another model, or not a cache.
  case cache(path: String, problem: String)

  /// One line that says what happened, and how to go on.
  public var description: String {
    switch self {
    case .silent(_, _, _, let answered, _), .refused(_, _, let answered, _),
      .wait(_, _, _, _, let answered, _):
      cause + remedy(answered)
    case .budget(_, let queries, _): cause + remedy(queries)
    case .unavailable, .answer, .cache, .misaligned: cause
    }
  }

  /// What happened.
  public var cause: String {
    switch self {
    case .unavailable(let model, let reason), .refused(let model, let reason, _, _):
      "\(model): \(reason)"
    case .silent(let model, let attempts, let reason, _, _):
      "\(model): no answer after \(attempts == 1 ? "1 attempt" : "\(attempts) attempts"): \(reason)"
    case .wait(let model, let reason, let wait, let limit, _, _):
      "\(model): \(reason), and asks to wait \(wait.words); the longest wait is \(limit.words) (\(Setting.maxWait))"
    case .answer(let model, let problem): "\(model): \(problem)"
    case .misaligned(let model, let reason):
      "\(model): \(reason), so answers may belong to other inputs; none of this run is kept"
    case .budget(let model, let queries, _):
      "\(model): all \(queries) queries (\(Setting.queryLimit)) are used up"
    case .cache(let path, let problem): "\(path): \(problem)"
    }
  }

  /// Whether no answer of the run counts, nor anything that was concluded from one.
  public var voidsAnswers: Bool { if case .misaligned = self { true } else { false } }

  /// The file that keeps what was answered before, if there is one.
  public var cache: String? {
    switch self {
    case .silent(_, _, _, _, let cache), .refused(_, _, _, let cache), .budget(_, _, let cache),
      .wait(_, _, _, _, _, let cache):
      cache
    case .unavailable, .answer, .cache, .misaligned: nil
    }
  }

  private func remedy(_ answered: Int) -> String {
    if answered == 0 { return "" }
    guard let cache else {
      return answered == 1
        ? "; 1 query was answered, and \(Setting.cache) FILE would keep it"
        : "; \(answered) queries were answered, and \(Setting.cache) FILE would keep them"
    }
    return "; \(cache) holds the answers: run the same command again to continue"
  }
}

extension Duration {
  /// For messages: seconds below three minutes, minutes below three hours.
  var words: String {
    let seconds = milliseconds / 1000
    return switch seconds {
    case ..<180: seconds == 1 ? "1 second" : "\(seconds) seconds"
    case ..<10_800: "\((seconds + 59) / 60) minutes"
    default: "\((seconds + 3599) / 3600) hours"
    }
  }
}
