/// A way to send a question to a model elsewhere and to wait for its answer; used by one thread at a time.
protocol Transport: AnyObject {
  /// Sends a question and returns the answer.
  ///
  /// - Parameters:
  ///   - question: A JSON object, on one line.
  ///   - limit: The most bytes that an answer may have.
  /// - Returns: The answer's bytes.
  /// - Throws: `TransportError`.
  func ask(_ question: String, limit: Int) throws(TransportError) -> [UInt8]

  /// Ends the conversation, and makes sure that nothing was said beyond the answers.
  ///
  /// - Throws: `TransportError.misaligned`.
  func finish() throws(TransportError)
}

/// Why there was no answer.
enum TransportError: Error {
  /// It may come if one asks again, after a time that the other side named.
  case temporary(String, retryAfter: Duration? = nil)
  /// It will not come.
  case permanent(String)
  /// There is no way to ask.
  case unavailable(String)
  /// More was said than was asked for, so that answers may belong to other questions.
  case misaligned(String)
}
