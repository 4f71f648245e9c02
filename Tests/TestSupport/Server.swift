import JSON
import Synchronization
package import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An HTTP server on loopback that answers questions about an affine model, and fails as it is told.
///
/// `@unchecked Sendable`: what changes is behind locks.
package final class Server: @unchecked Sendable {
  /// What the server does with a request.
  package enum Reaction: Sendable {
    case answer
    case status(Int)
    /// Status 429 with the seconds that the client is to wait.
    case busy(Int)
    /// Status 400 that quotes the head of the request and its first line.
    case quote
    case text(String)
    case hangUp
    /// The answer, and once more so many microseconds later.
    case twice(UInt32)
  }

  package let port: UInt16
  private let listener: Int32
  private let weights: Tensor<Float>
  private let revealsLabels: Bool
  private let react: @Sendable (_ request: Int) -> Reaction
  private let isOpen = Atomic(true)
  private let counts = Mutex((requests: 0, inputs: 0))
  private let head = Mutex("")

  package var address: String { "http://127.0.0.1:\(port)/predict" }
  package var requests: Int { counts.withLock { $0.requests } }
  package var inputs: Int { counts.withLock { $0.inputs } }
  /// The lines before the body of the last request.
  package var lastHead: String { head.withLock { $0 } }

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - weights: Outputs x inputs.
  ///   - labels: Whether to answer with labels only.
  ///   - port: Zero for any that is free.
  ///   - react: What to do with a request, by its number from 0.
  /// - Throws: `Failure` if there is no such port.
  package init(
    weights: Tensor<Float>, labels: Bool = false, port: UInt16 = 0,
    react: @escaping @Sendable (Int) -> Reaction = { _ in .answer }
  ) throws {
    self.weights = weights
    revealsLabels = labels
    self.react = react
    let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = door
    var on: Int32 = 1
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(door, $0, size) == 0 && getsockname(door, $0, &size) == 0
      }
    }
    guard isBound, listen(door, 16) == 0 else { throw Failure() }
    self.port = UInt16(bigEndian: place.sin_port)
    OwnThread.start { [weak self] in
      while true {
        let connection = accept(door, nil, nil)
        guard connection >= 0 else { return }
        OwnThread.start { [weak self] in
          while let (head, body) = Self.request(connection), let self {
            self.head.withLock { $0 = head }
            guard self.serve(body, head, connection) else { break }
          }
          close(connection)
        }
      }
    }
  }

  package struct Failure: Error {}

  deinit { stop() }

  /// Refuses connections from now on.
  package func stop() {
    let wasOpen = isOpen.exchange(false, ordering: .acquiringAndReleasing)
    guard wasOpen else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The next request; `nil` at the end.
  private static func request(_ connection: Int32) -> (head: String, body: String)? {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        let length =
          head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).trimmingPrefix(while: { $0 == " " })) } ?? 0
        let body = text[end.upperBound...]
        if body.utf8.count >= length { return (head, String(body)) }
      }
      let count = read(connection, &room, room.count)
      guard count > 0 else { return nil }
      bytes += room[..<count]
    }
  }

  private func serve(_ body: String, _ head: String, _ connection: Int32) -> Bool {
    let number = counts.withLock { counts in
      defer { counts.requests += 1 }
      return counts.requests
    }
    let reaction = react(number)
    switch reaction {
    case .hangUp: return false
    case .status(let status): return send("{\"error\": \"busy\"}", status, connection)
    case .busy(let seconds):
      return send("busy", 429, connection, more: "Retry-After: \(seconds)\r\n")
    case .quote: return send("refused: \(head)", 400, connection)
    case .text(let text): return send(text, 200, connection)
    case .answer, .twice:
      guard let inputs = try? JSONValue(parsing: body)["inputs"]?.arrayValue else { return false }
      counts.withLock { $0.inputs += inputs.count }
      let rows = inputs.map { outputs(of: Self.numbers($0)) }
      let answer: JSONValue =
        revealsLabels
        ? [
          "labels": .array(
            rows.map { JSONValue(Tensor($0, shape: [$0.count]).indexOfMaximum ?? 0) })
        ]
        : ["outputs": .array(rows.map { .array($0.map { JSONValue($0) }) })]
      guard send(answer.text(.compact), 200, connection) else { return false }
      guard case .twice(let pause) = reaction else { return true }
      usleep(pause)
      return send(answer.text(.compact), 200, connection)
    }
  }

  private static func numbers(_ value: JSONValue) -> [Float] {
    value.arrayValue.map { $0.flatMap(numbers) } ?? [Float(value.doubleValue ?? .nan)]
  }

  /// What `AffineModel` computes, without biases.
  private func outputs(of x: [Float]) -> [Float] {
    (0..<weights.shape[0]).map { output in
      Float(
        x.indices.reduce(0.0) {
          $0 + Double(weights[output * x.count + $1]) * Double(x[$1])
        })
    }
  }

  private func send(
    _ text: String, _ status: Int, _ connection: Int32, more lines: String = ""
  ) -> Bool {
    let whole =
      "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(lines)Content-Length: \(text.utf8.count)\r\n\r\n"
      + text
    var rest = Array(whole.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        sendQuietly(connection, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

private func sendQuietly(_ connection: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    send(connection, bytes, count, Int32(MSG_NOSIGNAL))
  #else
    send(connection, bytes, count, 0)
  #endif
}
