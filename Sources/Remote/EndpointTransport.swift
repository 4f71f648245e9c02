import CTransport
import Platform

/// An HTTP endpoint, asked by libcurl over a connection that is kept.
final class EndpointTransport: Transport {
  private let address: String
  private let headers: [String]
  private let milliseconds: Int
  private let interruption: Interruption
  private var client: OpaquePointer?
  /// Whether something was asked since the connection was last looked at to the end.
  private var isOpen = false
  /// How long the slowest answer took.
  private var slowest = Duration.zero

  /// Prepares to ask.
  ///
  /// - Parameters:
  ///   - address: The address to post to.
  ///   - headers: Lines such as `Authorization: Bearer ...`.
  ///   - timeout: How long to wait for an answer.
  ///   - interruption: Whether to give up waiting.
  init(_ address: String, headers: [String], timeout: Duration, interruption: Interruption) {
    self.address = address
    self.headers = headers
    self.interruption = interruption
    milliseconds = timeout.milliseconds
  }

  deinit { if let client { gibbon_http_close(client) } }

  func ask(_ question: String, limit: Int) throws(TransportError) -> [UInt8] {
    client = client ?? gibbon_http_open()
    guard let client else {
      throw .unavailable("needs libcurl to ask endpoints (Debian: apt-get install libcurl4)")
    }
    if isPlain, gibbon_http_has_more(client, 0) != 0 { throw Self.surplus }
    var answer = gibbon_http_answer()
    let lines = headers.map { strdup($0) }
    defer { for line in lines { free(line) } }
    let pointers = lines.map { $0.map { UnsafePointer<CChar>($0) } } + [nil]
    isOpen = true
    let began = ContinuousClock.now
    var body = question
    // It lives as long as this transport, and so longer than the call.
    let context = UnsafeRawPointer(Unmanaged.passUnretained(interruption).toOpaque())
    body.withUTF8 { body in
      body.withMemoryRebound(to: CChar.self) { body in
        gibbon_http_post(
          client, address, pointers, body.baseAddress, body.count, limit, milliseconds,
          { context in
            context.map { Unmanaged<Interruption>.fromOpaque($0).takeUnretainedValue().isOn }
              ?? false ? 1 : 0
          }, context, &answer)
      }
    }
    slowest = max(slowest, ContinuousClock.now - began)
    if answer.is_too_long != 0 {
      throw .permanent("the answer is longer than \(limit) bytes; expected outputs only")
    }
    guard answer.status != 0 else {
      let reason = withUnsafeBytes(of: answer.error) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw .temporary(reason)
    }
    let bytes = answer.bytes.map { Array(UnsafeRawBufferPointer(start: $0, count: answer.count)) }
    guard answer.status != 200 else { return bytes ?? [] }
    let text = String(decoding: (bytes ?? []).prefix(200), as: UTF8.self).oneLine
    let reason = "status \(answer.status)" + (text.isEmpty ? "" : ": \(text)")
    // Too early, too many, time-out, and what the server itself could not do.
    guard [408, 425, 429].contains(answer.status) || answer.status >= 500 else {
      throw .permanent(reason + "; expected status 200")
    }
    throw .temporary(
      reason, retryAfter: answer.retry_after > 0 ? .seconds(answer.retry_after) : nil)
  }
}

extension EndpointTransport {
  /// Whether what comes over the connection can be seen.
  private var isPlain: Bool { address.lowercased().hasPrefix("http:") }

  private static let surplus = TransportError.misaligned(
    "the server sent more than an answer for each question")

  func finish() throws(TransportError) {
    guard let client, isPlain, isOpen else { return }
    isOpen = false
    // An answer that nobody asked for takes as long as others do.
    let wait = min(max(slowest * 4, .milliseconds(300)), .seconds(3))
    if gibbon_http_has_more(client, Int32(wait.milliseconds)) != 0 { throw Self.surplus }
  }
}

extension Duration {
  var milliseconds: Int {
    let (seconds, rest) = components
    return Int(clamping: seconds).multipliedReportingOverflow(by: 1000).partialValue
      + Int(rest / 1_000_000_000_000_000)
  }
}

extension String {
  /// The text with line breaks and other control characters as spaces.
  var oneLine: String {
    String(
      String.UnicodeScalarView(unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
  }
}
