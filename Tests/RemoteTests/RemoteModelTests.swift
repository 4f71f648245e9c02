import Attacks
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

@Suite struct RemoteModelTests {
  private static let shape: Shape = [1, 3, 4]
  private static let weights: Tensor<Float> = {
    var randomness = Philox(key: 5)
    return randomness.normals([4, 12])
  }()
  private static let local = AffineModel(
    inputShape: shape, weights: weights, biases: .zeros([4]), knowledge: .scores)

  private func problems(_ count: Int = 20) throws -> [Problem] {
    var randomness = Philox(key: 6)
    return try (0..<count).map { index in
      let x = randomness.uniforms(Self.shape)
      let label = try #require(try Self.local.evaluate(x).indexOfMaximum)
      return try Problem(index: index, input: x, label: label, threat: Ball(.infinity, radius: 0.2))
    }
  }

  private func options(_ change: (inout RemoteModel.Options) -> Void = { _ in })
    -> RemoteModel.Options
  {
    var options = RemoteModel.Options()
    options.pause = .milliseconds(1)
    options.timeout = .seconds(20)
    change(&options)
    return options
  }

  private func model(
    _ server: Server, classes: Int? = nil,
    _ change: (inout RemoteModel.Options) -> Void = { _ in }
  ) throws -> RemoteModel {
    try RemoteModel(
      .endpoint(server.address), probe: try problems(1)[0].input, classes: classes,
      options: options(change))
  }

  private func temporaryPath() -> String {
    "/tmp/gibbon-queries-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  private let attack = RandomNoise { $0.samples = 60 }

  @Test func `an endpoint is attacked as the model itself`() async throws {
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let model = try self.model(server) { $0.batch = 7 }
    #expect(model.knowledge == .scores && model.outputCount == 4)
    let problems = try problems()
    let found = try await AttackRunner(model: model, batch: 16).run(attack, on: problems)
    let expected = try await AttackRunner(model: Self.local, batch: 16).run(attack, on: problems)
    #expect(found == expected)
    #expect(found.contains { $0.adversarialExample != nil } && found.contains { $0.robust })
    #expect(model.queries == server.inputs)
    // The verification of an adversarial example asks about nothing new.
    #expect(server.inputs < found.reduce(0) { $0 + $1.passes.forward })
  }

  @Test func `what fails now and then is asked again`() async throws {
    let server = try Server(weights: Self.weights) { request in
      switch request % 5 {
      case 1: .status(503)
      case 2: .status(429)
      case 3: .hangUp
      default: .answer
      }
    }
    defer { server.stop() }
    let problems = try problems()
    let found = try await AttackRunner(model: try self.model(server), batch: 16).run(
      attack, on: problems)
    let expected = try await AttackRunner(model: Self.local, batch: 16).run(attack, on: problems)
    #expect(found == expected)
    #expect(server.requests > 5)
  }

  @Test func `a run that an endpoint cuts short goes on from its cache`() async throws {
    let cache = temporaryPath()
    defer { unlink(cache) }
    let problems = try problems()
    let expected = try await AttackRunner(model: Self.local, batch: 16).run(attack, on: problems)
    // Two queries per request, so that the middle is far from the ends.
    let whole = try Server(weights: Self.weights)
    defer { whole.stop() }
    _ = try await AttackRunner(model: try self.model(whole) { $0.batch = 2 }, batch: 16)
      .run(attack, on: problems)
    let port: UInt16
    let before: Int
    do {
      let half = whole.requests / 2
      let server = try Server(weights: Self.weights) { $0 < half ? .answer : .hangUp }
      defer { server.stop() }
      port = server.port
      let dying = try self.model(server) {
        ($0.batch, $0.cache, $0.attempts) = (2, cache, 2)
      }
      await #expect {
        _ = try await AttackRunner(model: dying, batch: 16).run(attack, on: problems)
      } throws: { error in
        guard case RemoteError.silent(_, 2, _, _, cache) = error else { return false }
        return "\(error)".contains("run the same command again") && !"\(error)".contains("\n")
      }
      before = server.inputs
    }
    // As if the process had been killed while it wrote.
    let bytes = try WholeFile.read(cache)
    try AtomicFile.write(Array(bytes.dropLast(5)), to: cache)
    let server = try Server(weights: Self.weights, port: port)
    defer { server.stop() }
    do {
      let model = try self.model(server) { ($0.batch, $0.cache) = (2, cache) }
      #expect(try await AttackRunner(model: model, batch: 16).run(attack, on: problems) == expected)
    }
    // One answer was cut short; nothing else is asked about again, whatever question it was in.
    #expect(before + server.inputs == whole.inputs + 1)
    server.stop()
    let again = try self.model(server) { ($0.batch, $0.cache) = (2, cache) }
    #expect(try await AttackRunner(model: again, batch: 16).run(attack, on: problems) == expected)
    #expect(again.queries == 0)
  }

  /// All answers of a model about some noise.
  private func answers(
    of model: RemoteModel, seed: UInt64, count: Int = 30
  ) throws -> [[Float]] {
    var randomness = Philox(key: seed)
    return try (0..<count).map { _ in
      try model.evaluate(randomness.uniforms(Self.shape)).scalars
    }
  }

  @Test func `two runs share a cache`() throws {
    let cache = temporaryPath()
    defer { unlink(cache) }
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    // Both are open before either asks, and each asks what the other asks as well.
    let models = try (0..<2).map { _ in try self.model(server) { $0.cache = cache } }
    var known: [[[Float]]] = []
    for seed in UInt64(1)..<4 { known.append(try answers(of: models[Int(seed) % 2], seed: seed)) }
    for seed in UInt64(1)..<4 {
      #expect(try answers(of: models[(Int(seed) + 1) % 2], seed: seed) == known[Int(seed) - 1])
    }
    #expect(server.inputs == 1 + 90)
    server.stop()
    let third = try self.model(server) { $0.cache = cache }
    #expect(try (UInt64(1)..<4).map { try answers(of: third, seed: $0) } == known)
    #expect(third.queries == 0)
  }

  @Test func `a damaged answer is told and asked again`() throws {
    let cache = temporaryPath()
    defer { unlink(cache) }
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let expected = try answers(of: try self.model(server) { $0.cache = cache }, seed: 1)
    let whole = try WholeFile.read(cache)
    let asked = server.inputs
    // Beyond the title and the answer about the first example.
    let first = try #require(whole.firstIndex(of: 10)) + 1 + (16 + 32 + 16)
    var generator = Philox(key: 77)
    for round in 0..<60 {
      var bytes = whole
      let bit = 8 * first + generator.integer(below: 8 * (whole.count - first))
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      unlink(cache)
      try AtomicFile.write(bytes, to: cache)
      let told = Mutex<[String]>([])
      let model = try self.model(server) {
        $0.cache = cache
        $0.note = { line in told.withLock { $0.append(line) } }
      }
      #expect(try answers(of: model, seed: 1) == expected, "bit \(bit)")
      #expect(server.inputs == asked + round + 1, "bit \(bit)")
      let lines = told.withLock { $0 }
      #expect(
        lines == [
          "\(cache): 1 answer is damaged and not used; the model is asked again where needed"
        ] || lines.isEmpty && bit / 8 >= whole.count - 64, "bit \(bit): \(lines)")
    }
  }

  @Test func `a cache whose first line was cut short is begun anew`() throws {
    let cache = temporaryPath()
    defer { unlink(cache) }
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    _ = try self.model(server) { $0.cache = cache }
    let whole = try WholeFile.read(cache)
    let end = try #require(whole.firstIndex(of: 10))
    for length in [0, 1, 5, 17, 40, end - 1, end] {
      try AtomicFile.write(Array(whole[..<length]), to: cache)
      _ = try self.model(server) { $0.cache = cache }
      #expect(try WholeFile.read(cache) == whole, "cut to \(length)")
    }
    // An old one, whose damage would not be seen.
    try AtomicFile.write(
      "{\"gibbon_queries\":1,\"model\":\"\(server.address)\",\"shape\":\"1x3x4\",\"answer\":\"outputs\",\"width\":4}\n",
      to: cache)
    #expect {
      _ = try self.model(server) { $0.cache = cache }
    } throws: {
      "\($0)".contains("without checksums")
    }
  }

  @Test func `what is secret in an address is not repeated`() throws {
    let server = try Server(weights: Self.weights) { $0 < 2 ? .answer : .quote }
    defer { server.stop() }
    let cache = temporaryPath()
    defer { unlink(cache) }
    let probe = try problems(2)
    let rest = "127.0.0.1:\(server.port)/predict"
    func model(_ query: String) throws -> RemoteModel {
      try RemoteModel(
        .endpoint("http://user:SECRET1@\(rest)?\(query)"), probe: probe[0].input, classes: nil,
        options: options {
          $0.cache = cache
          $0.headers = ["X-Key: SECRET3"]
        })
    }
    let first = try model("model=a&api_key=SECRET2")
    #expect(first.name == "http://...@\(rest)?model=...&api_key=...")
    // It is used all the same.
    #expect(server.lastHead.hasPrefix("POST /predict?model=a&api_key=SECRET2 "))
    #expect(server.lastHead.contains("Authorization: Basic dXNlcjpTRUNSRVQx"))
    // Another key is for the same model, and another model is another one.
    let second = try model("model=a&api_key=SECRET4")
    #expect(second.queries == 0 && second.digest == first.digest)
    #expect {
      _ = try model("model=b&api_key=SECRET2")
    } throws: {
      "\($0)".contains("a model at another address") && !"\($0)".contains("SECRET")
    }
    _ = try first.evaluate(probe[1].input).scalars
    var randomness = Philox(key: 9)
    let other = randomness.uniforms(Self.shape)
    #expect {
      _ = try first.evaluate(other).scalars
    } throws: {
      "\($0)".contains("status 400: refused: POST /predict?model=a&api_key=... ")
        && !"\($0)".contains("SECRET") && !"\($0)".contains("dXNlcjpTRUNSRVQx")
    }
    #expect(!String(decoding: try WholeFile.read(cache), as: UTF8.self).contains("SECRET"))
  }

  @Test func `values are told in another range`() async throws {
    let server = try Server(weights: Self.weights.map { $0 / 10 })
    defer { server.stop() }
    // As 10 x + 5: the weights are tenths, and 5 is the same for all.
    let model = try self.model(server) { $0.range = 5...15 }
    let input = try problems(1)[0].input
    let (found, expected) = (
      try model.evaluate(input).scalars, try Self.local.evaluate(input).scalars
    )
    let shifts = (0..<4).map { row in
      (0..<12).reduce(Float(0)) { $0 + Self.weights[row * 12 + $1] } / 2
    }
    for row in 0..<4 { #expect(abs(found[row] - expected[row] - shifts[row]) < 1e-4) }
  }

  @Test func `a wait ends when it is interrupted`() async throws {
    let server = try Server(weights: Self.weights) { $0 == 0 ? .answer : .status(503) }
    defer { server.stop() }
    let model = try self.model(server) { ($0.pause, $0.attempts) = (.seconds(600), 10) }
    let input = try problems(2)[1].input
    // Who did not end the wait would answer after ten minutes, with another error.
    let waiting = Task { try await OwnThread.run { try model.evaluate(input).scalars } }
    while server.requests < 2 { await Task.yield() }
    model.interrupt()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }

  @Test func `a wait that is asked for is told, and has a limit`() async throws {
    let server = try Server(weights: Self.weights) {
      $0 == 0 ? .answer : .busy($0 == 1 ? 80_000 : 400_000)
    }
    defer { server.stop() }
    let told = Mutex<[String]>([])
    let model = try self.model(server) {
      $0.longestWait = .seconds(90_000)
      $0.note = { line in told.withLock { $0.append(line) } }
    }
    let input = try problems(2)[1].input
    let waiting = Task { try await OwnThread.run { try model.evaluate(input).scalars } }
    while told.withLock({ $0.isEmpty }) { await Task.yield() }
    model.interrupt()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(
      told.withLock { $0 } == [
        "\(server.address): status 429: busy; asking again in 23 hours, as it demands, Ctrl-C ends the run"
      ])
    await #expect {
      try await OwnThread.run {
        try RemoteModel(
          .endpoint(server.address), probe: input, classes: nil,
          options: self.options { $0.longestWait = .seconds(3900) })
      }
    } throws: {
      "\($0)"
        == "\(server.address): status 429: busy, and asks to wait 112 hours; the longest wait is 65 minutes (max-wait)"
    }
  }

  @Test func `a label that is no class is an error`() throws {
    let server = try Server(weights: Self.weights, labels: true)
    defer { server.stop() }
    let model = try self.model(server, classes: 2)
    #expect {
      for problem in try self.problems() { _ = try model.evaluate(problem.input).scalars }
    } throws: {
      "\($0)".contains(#/answers with the label [23], but there are 2 classes/#)
    }
    let scores = try Server(weights: Self.weights)
    defer { scores.stop() }
    #expect {
      _ = try self.model(scores, classes: 3)
    } throws: {
      "\($0)".contains("answers with 4 outputs; expected 3")
    }
  }

  @Test func `a model that answers with labels reveals labels`() async throws {
    let server = try Server(weights: Self.weights, labels: true)
    defer { server.stop() }
    let model = try self.model(server, classes: 4)
    #expect(model.knowledge == .labels && model.outputCount == 4)
    let problems = try problems()
    await #expect(throws: AttackRunnerError.self) {
      _ = try await AttackRunner(model: model).run(attack, on: problems)
    }
    #expect(try model.evaluate(problems[3].input).indexOfMaximum == problems[3].label)
    #expect(throws: RemoteError.self) { try self.model(server) }
  }

  @Test(arguments: [
    ("nonsense", "not JSON"), ("{}", "neither 'outputs' nor 'labels'"),
    ("{\"outputs\": [[1, 2], [3, 4]]}", "2 rows of outputs for 1 inputs"),
    ("{\"outputs\": [[1, \"2\"]]}", "not a number"),
    ("{\"outputs\": [[]]}", "not a list of numbers"),
    ("{\"labels\": [1.5]}", "not an integer"), ("{\"labels\": 3}", "not a list"),
    (String(repeating: "[", count: 10_000), "not JSON"),
    ("{\"outputs\": [[1" + String(repeating: ", 1", count: 1_000_000) + "]]}", "longer than"),
  ])
  func `an answer that is none is said to be none`(_ text: String, _ expected: String) throws {
    let server = try Server(weights: Self.weights) { _ in .text(text) }
    defer { server.stop() }
    do {
      _ = try self.model(server)
      Issue.record("accepted \(text.prefix(40))")
    } catch {
      #expect("\(error)".contains(expected) && "\(error)".contains(server.address), "\(error)")
      #expect(!"\(error)".contains("\n") && "\(error)".utf8.count < 400)
    }
  }

  @Test func `another number of classes ends the run`() async throws {
    let server = try Server(weights: Self.weights) {
      $0 == 0 ? .answer : .text("{\"outputs\": [[1, 2, 3]]}")
    }
    defer { server.stop() }
    let model = try self.model(server) { $0.batch = 1 }
    let problems = try problems(3)
    await #expect {
      _ = try await AttackRunner(model: model).run(attack, on: problems)
    } throws: {
      "\($0)".contains("answers with 3 outputs, but with 4 outputs before")
    }
  }

  @Test func `refusals, silence and budgets are errors`() async throws {
    let refusing = try Server(weights: Self.weights) { _ in .status(403) }
    defer { refusing.stop() }
    #expect {
      _ = try self.model(refusing)
    } throws: {
      "\($0)".contains("403")
    }
    #expect(refusing.requests == 1)
    let silent = try Server(weights: Self.weights) { _ in .hangUp }
    defer { silent.stop() }
    #expect {
      _ = try self.model(silent) { $0.attempts = 3 }
    } throws: {
      "\($0)".contains("no answer after 3 attempts")
    }
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let model = try self.model(server) { $0.queries = 50 }
    let problems = try problems()
    await #expect {
      _ = try await AttackRunner(model: model, batch: 8).run(attack, on: problems)
    } throws: {
      "\($0)".contains("all 50 queries (query-limit) are used up")
    }
    // To the last one.
    #expect(server.inputs == 50)
  }

  @Test func `a rate is kept`() async throws {
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let model = try self.model(server) { $0.rate = 200 }
    let began = ContinuousClock.now
    let problems = try problems(5)
    _ = try await AttackRunner(model: model, batch: 8).run(
      RandomNoise { $0.samples = 6 }, on: problems)
    // All but the last question and the probe are followed by a wait.
    #expect(ContinuousClock.now - began >= .seconds(Double(server.inputs - 9) / 200))
  }

  @Test func `a cache of another model is refused`() async throws {
    let cache = temporaryPath()
    defer { unlink(cache) }
    let first = try Server(weights: Self.weights)
    defer { first.stop() }
    _ = try self.model(first) { $0.cache = cache }
    let second = try Server(weights: Self.weights)
    defer { second.stop() }
    #expect {
      _ = try self.model(second) { $0.cache = cache }
    } throws: {
      "\($0)".contains(cache) && "\($0)".contains(first.address)
    }
    try AtomicFile.write(Array("something else".utf8), to: cache)
    #expect(throws: RemoteError.self) { try self.model(first) { $0.cache = cache } }
  }

  @Test func `a program is asked by lines`() async throws {
    let probe = try problems(1)[0].input
    let script = "while read line; do echo '{\"outputs\": [[1, 2, 3]]}'; done"
    let model = try RemoteModel(
      .program(script), probe: probe, classes: nil, options: options { $0.batch = 1 })
    #expect(model.outputCount == 3 && model.knowledge == .scores)
    let problem = try Problem(
      index: 0, input: probe, label: 2, threat: Ball(.infinity, radius: 0.1))
    let outcomes = try await AttackRunner(model: model).run(attack, on: [problem])
    #expect(outcomes[0].robust && outcomes[0].margin == -1 && model.queries == 61)
  }

  @Test(arguments: [
    ("exit 3", "ended"), ("sleep 60", "within 300 ms"), ("read line; echo hello", "not JSON"),
  ])
  func `a program that does not answer is an error`(_ script: String, _ expected: String) throws {
    let probe = try problems(1)[0].input
    #expect {
      _ = try RemoteModel(
        .program(script), probe: probe, classes: nil,
        options: options { ($0.attempts, $0.timeout) = (2, .milliseconds(300)) })
    } throws: {
      "\($0)".contains(expected)
    }
  }

  @Test func `references are read`() {
    #expect(RemoteReference("http://a/b") == .endpoint("http://a/b"))
    #expect(RemoteReference("program:python3 m.py")?.description == "program:python3 m.py")
    #expect(RemoteReference("model.onnx") == nil && RemoteReference("program:") == nil)
  }
}
