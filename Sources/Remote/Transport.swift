import CTransport
import Platform
import Synchronization

/// A way to send a question to a remote model and to wait for its answer; used by one thread at a time.
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

/// A program that reads a question per line and writes an answer per line; started when it is first asked, and
/// again after it has died.
final class ProgramTransport: Transport {
  private let command: String
  private let milliseconds: Int
  private let interruption: Interruption
  private var running: (process: pid_t, channel: Int32)?
  private var hasAnswered = false

  init(_ command: String, timeout: Duration, interruption: Interruption) {
    self.command = command
    self.interruption = interruption
    milliseconds = timeout.milliseconds
  }

  deinit { stop() }

  func ask(_ question: String, limit: Int) throws(TransportError) -> [UInt8] {
    let channel = try start()
    do throws(TransportError) {
      if hasMore(channel) { throw Self.surplus }
      try send(question + "\n", channel)
      return try receive(channel, limit: limit)
    } catch {
      // What it would still say belongs to no question any more.
      stop()
      throw error
    }
  }

  func finish() throws(TransportError) {
    guard let running else { return }
    defer { stop() }
    // Once its input has ended the program does, and all that it said can be read.
    _ = shutdown(running.channel, .init(SHUT_WR))
    for _ in 0..<Self.lastTurns where !interruption.isOn {
      if gibbon_program_wait(running.channel, 0, 20) > 0 {
        if hasMore(running.channel) { throw Self.surplus }
        return
      }
    }
  }

  /// How many fiftieths of a second a program gets to end by itself.
  private static let lastTurns = 100

  private static let surplus = TransportError.misaligned(
    "the program wrote more than a line for each question")

  /// Whether something can be read that no question was asked about.
  private func hasMore(_ channel: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(channel, &byte, 1, .init(MSG_PEEK) | .init(MSG_DONTWAIT)) > 0
  }

  private func start() throws(TransportError) -> Int32 {
    if let running { return running.channel }
    var process: pid_t = 0
    var channel: Int32 = 0
    let code = gibbon_program_start(command, &process, &channel)
    guard code == 0 else {
      throw .unavailable("cannot be started: " + (strerror(code).map { String(cString: $0) } ?? ""))
    }
    running = (process, channel)
    return channel
  }

  private func stop() {
    guard let running else { return }
    gibbon_program_stop(running.process, running.channel)
    self.running = nil
  }

  private func send(_ text: String, _ channel: Int32) throws(TransportError) {
    let bytes = text.utf8CString
    var sent = 0
    while sent < bytes.count - 1 {
      let count = bytes.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { gibbon_program_send(channel, $0 + sent, bytes.count - 1 - sent) }
          ?? 0
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN || errno == EINTR {
        try wait(channel, isWriting: true)
      } else {
        throw ended("the program has ended before it was asked")
      }
    }
  }

  private func receive(_ channel: Int32, limit: Int) throws(TransportError) -> [UInt8] {
    var answer: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(channel, &room, room.count)
      if count < 0 {
        // A program that ends with its question unread resets the channel.
        if errno == ECONNRESET { throw ended("the program has ended without an answer") }
        guard errno == EAGAIN || errno == EINTR else {
          throw .temporary("the program's answer cannot be read")
        }
        try wait(channel, isWriting: false)
        continue
      }
      guard count > 0 else { throw ended("the program has ended without an answer") }
      if let end = room[..<count].firstIndex(of: 10) {
        answer += room[..<end]
        guard end == count - 1 else {
          throw Self.surplus
        }
        hasAnswered = true
        return answer
      }
      answer += room[..<count]
      guard answer.count <= limit else {
        throw .permanent("the answer is longer than \(limit) bytes; expected outputs only")
      }
    }
  }

  /// What has answered before may do so once it is started again; what never did is wrong in itself.
  private func ended(_ reason: String) -> TransportError {
    hasAnswered ? .temporary(reason) : .permanent(reason)
  }

  private func wait(_ channel: Int32, isWriting: Bool) throws(TransportError) {
    var rest = milliseconds
    while rest > 0, !interruption.isOn {
      let part = min(rest, Interruption.tick)
      let ready = gibbon_program_wait(channel, isWriting ? 1 : 0, Int32(part))
      if ready > 0 || (ready < 0 && errno != EINTR) { return }
      rest -= part
    }
    throw .temporary("the program did not answer within \(milliseconds) ms")
  }
}

/// Whether all waiting for a remote model is to end, which any thread may say.
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
