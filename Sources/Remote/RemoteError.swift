/// Why a model that runs elsewhere does not answer.
public enum RemoteError: Error, Hashable, CustomStringConvertible {
  /// The system lacks what is needed to ask at all.
  case unavailable(model: String, reason: String)
  /// No answer after as many attempts; the last reason.
  case silent(model: String, attempts: Int, reason: String, answered: Int, cache: String?)
  /// An answer that says that asking again is of no use.
  case refused(model: String, reason: String, answered: Int, cache: String?)
  /// An answer that is not what was asked for.
  case answer(model: String, problem: String)
  /// The number of queries that may be asked is used up.
  case budget(model: String, queries: Int, cache: String?)
  /// A cache of another model, or not a cache.
  case cache(path: String, problem: String)

  /// One line that says what happened, and how to go on.
  public var description: String {
    switch self {
    case .unavailable(let model, let reason): "\(model): \(reason)"
    case .silent(let model, let attempts, let reason, let answered, let cache):
      "\(model): no answer after \(attempts) attempts: \(reason)" + Self.rest(answered, cache)
    case .refused(let model, let reason, let answered, let cache):
      "\(model): \(reason)" + Self.rest(answered, cache)
    case .answer(let model, let problem): "\(model): \(problem)"
    case .budget(let model, let queries, let cache):
      "\(model): all \(queries) queries are used up" + Self.rest(queries, cache)
    case .cache(let path, let problem): "\(path): \(problem)"
    }
  }

  private static func rest(_ answered: Int, _ cache: String?) -> String {
    guard let cache else {
      return answered == 0
        ? "" : "; \(answered) queries were answered, and --cache FILE would keep them"
    }
    return "; what was answered is in \(cache): run the same command again to go on from there"
  }
}
