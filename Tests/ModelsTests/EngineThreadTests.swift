import Models
import Synchronization
import Testing

@Suite struct EngineThreadTests {
  @Test func `work on the engine thread runs in order, on one thread`() async {
    let thread = EngineThread()
    let order = Mutex<[Int]>([])
    await withUnsafeContinuation { continuation in
      for number in 0..<100 { thread.submit { order.withLock { $0.append(number) } } }
      thread.submit { continuation.resume() }
    }
    #expect(order.withLock { $0 } == Array(0..<100))
  }
}
