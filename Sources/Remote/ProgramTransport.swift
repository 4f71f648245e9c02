import CTransport
import Platform

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
