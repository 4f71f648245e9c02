import Files
import Models
import Remote
import Robustness
import Synchronization
import Tensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A model that says more than it was asked: each later answer may belong to another input.
@Suite struct AlignmentTests {
  private static let weights = Tensor<Float>([1, 0, 0, 1, 1, 1], shape: [3, 2])

  /// Asks about some inputs one by one and ends the conversation, which must not go well.
  private func ask(_ model: RemoteModel, _ count: Int) throws {
    for index in 1...count {
      let outputs = try model.evaluate(Tensor([Float(index), 1], shape: [2])).scalars
      guard outputs == [Float(index), 1, Float(index + 1)] else { break }
    }
    try model.finish()
  }

  private func options(cache: String?) -> RemoteModel.Options {
    var options = RemoteModel.Options()
    options.pause = .milliseconds(1)
    options.cache = cache
    return options
  }

  @Test("a server that answers twice", arguments: [0, 2_000, 20_000] as [UInt32])
  func server(pause: UInt32) async throws {
    try await OwnThread.run {
      let folder = try TemporaryFolder()
      defer { folder.remove() }
      let cache = folder.path + "/answers"
      let server = try Server(weights: Self.weights) { $0 == 1 ? .twice(pause) : .answer }
      defer { server.stop() }
      func model() throws -> RemoteModel {
        try RemoteModel(
          .endpoint(server.address), probe: Tensor([0, 0], shape: [2]), classes: nil,
          options: options(cache: cache))
      }
      let wrong = try model()
      let error = #expect(throws: RemoteError.self) { try ask(wrong, 8) }
      #expect(error?.description.contains("may belong to other inputs") == true)
      #expect(error?.cache == nil)
      // Nothing of it is left: all is asked again, and right.
      let right = try model()
      try ask(right, 8)
      #expect(right.queries >= 8)
    }
  }

  @Test("a program that writes a line too many", arguments: ["", "sleep 0.02;"])
  func program(pause: String) async throws {
    try await OwnThread.run {
      let folder = try TemporaryFolder()
      defer { folder.remove() }
      let stale = try folder.write([], to: "stale")
      let answer = #"echo '{"outputs": [[1, 1, 2]]}'"#
      let command =
        "while read line; do \(answer); if [ -e \(stale) ] && [ -z $n ]; then n=1; \(pause) \(answer); fi; done"
      func model() throws -> RemoteModel {
        try RemoteModel(
          .program(command), probe: Tensor([1, 1], shape: [2]), classes: nil,
          options: options(cache: folder.path + "/answers"))
      }
      #expect(throws: RemoteError.self) { try ask(try model(), 2) }
      unlink(stale)
      let right = try model()
      try ask(right, 1)
      #expect(right.queries == 1)
    }
  }

  @Test("outputs that are no numbers are told once")
  func noNumbers() async throws {
    let told = Mutex<[String]>([])
    try await OwnThread.run {
      let server = try Server(weights: Self.weights) {
        $0 == 0 ? .answer : .text(#"{"outputs": [[null, 1e39, 0]]}"#)
      }
      defer { server.stop() }
      var options = self.options(cache: nil)
      options.note = { line in told.withLock { $0.append(line) } }
      let model = try RemoteModel(
        .endpoint(server.address), probe: Tensor([0, 0], shape: [2]), classes: nil, options: options
      )
      for index in 1...2 {
        let outputs = try model.evaluate(Tensor([Float(index), 1], shape: [2])).scalars
        #expect(outputs[0].isNaN && outputs[1] == .infinity && outputs[2] == 0)
      }
    }
    #expect(told.withLock { $0.count } == 1)
    #expect(told.withLock { $0.first?.contains("answers hold null") } == true)
  }
}
