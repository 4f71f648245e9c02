import Tensors

/// Asks until there is an answer, or no hope of one.
struct Asker {
  let name: String
  let transport: any Transport
  let options: RemoteModel.Options
  let interruption: Interruption
  /// What is not to be quoted, the longest first.
  let secrets: [String]

  /// Waits that are shorter are not told.
  private static let toldWait: Duration = .seconds(10)

  /// The most bytes of an answer: room for a thousand outputs in full precision per input, and something beside.
  private func limit(_ count: Int) -> Int { (1 << 20) + count * 32_000 }

  /// Asks about some examples.
  ///
  /// - Parameters:
  ///   - rows: The examples.
  ///   - shape: The shape of each.
  ///   - answered: The number of inputs that were answered before, for messages.
  /// - Returns: How the model answers, and a row of numbers per example.
  /// - Throws: `RemoteError`; `CancellationError` if the waiting is to end.
  func ask(
    _ rows: [ArraySlice<Float>], shape: Shape, answered: Int
  ) throws -> (Contract.Kind, [[Float]]) {
    let question = Contract.question(rows, shape: shape)
    var pause = options.pause
    var attempt = 1
    while true {
      do throws(TransportError) {
        let bytes = try transport.ask(question, limit: limit(rows.count))
        return try understood(bytes, rows.count)
      } catch {
        if interruption.isOn { throw CancellationError() }
        switch hiding(error) {
        case .unavailable(let reason): throw RemoteError.unavailable(model: name, reason: reason)
        case .misaligned(let reason): throw RemoteError.misaligned(model: name, reason: reason)
        case .permanent(let reason):
          throw RemoteError.refused(
            model: name, reason: reason, answered: answered, cache: options.cache)
        case .temporary(let reason, let retryAfter):
          guard attempt < max(1, options.attempts) else {
            throw RemoteError.silent(
              model: name, attempts: attempt, reason: reason, answered: answered,
              cache: options.cache)
          }
          if let retryAfter, retryAfter > options.longestWait {
            throw RemoteError.wait(
              model: name, reason: reason, wait: retryAfter, limit: options.longestWait,
              answered: answered, cache: options.cache)
          }
          let wait = max(pause, retryAfter ?? .zero)
          if wait >= Self.toldWait {
            options.note(
              "\(name): \(reason); asking again in \(wait.words)\(retryAfter == nil ? "" : ", as it demands"), Ctrl-C"
                + " ends the run")
          }
          try interruption.sleep(wait)
          pause = min(pause * 2, .seconds(60))
          attempt += 1
        }
      }
    }
  }

  /// Makes sure that the model said nothing beyond its answers.
  ///
  /// - Throws: `RemoteError.misaligned`.
  func finish() throws(RemoteError) {
    do throws(TransportError) {
      try transport.finish()
    } catch {
      guard case .misaligned(let reason) = error else { return }
      throw .misaligned(model: name, reason: reason)
    }
  }

  /// The same without what is secret, which endpoints like to repeat.
  private func hiding(_ error: TransportError) -> TransportError {
    func hidden(_ text: String) -> String {
      secrets.reduce(Address.hidden(in: text)) { $0.replacing($1, with: "...") }
    }
    return switch error {
    case .temporary(let reason, let retryAfter): .temporary(hidden(reason), retryAfter: retryAfter)
    case .permanent(let reason): .permanent(hidden(reason))
    case .unavailable(let reason): .unavailable(hidden(reason))
    case .misaligned(let reason): .misaligned(hidden(reason))
    }
  }

  private func understood(
    _ bytes: [UInt8], _ count: Int
  ) throws(TransportError) -> (Contract.Kind, [[Float]]) {
    do throws(Contract.Misunderstanding) {
      return try Contract.rows(bytes, count: count)
    } catch {
      throw .permanent("\(error)")
    }
  }
}
