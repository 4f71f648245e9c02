public import Models
import Settings
import Synchronization
public import Tensors

/// A model that runs elsewhere: an HTTP endpoint, or a program that reads inputs and writes outputs.
///
/// It reveals scores or labels, as it answers; see `Contract` for what is said. Answers are kept: the same input is
/// never asked about twice, and with a cache file not in later runs either, so that a run that was cut short goes on
/// where it stopped.
///
/// `@unchecked Sendable`: what changes is guarded by its lock; the runner asks from one thread anyway.
public final class RemoteModel: BatchedModel, @unchecked Sendable {
  private struct State {
    var cache: QueryCache
    var asked: Int
    var nextTurn: ContinuousClock.Instant?
  }

  /// What the model is called; what is secret in an address is left out.
  public let name: String
  /// Tells the model from others that are called the same; `nil` if nothing but secrets is left out of its name.
  public let digest: String?
  /// The shape of one example.
  public let inputShape: Shape
  /// The number of outputs; for labels only, the number of classes.
  public let outputCount: Int
  /// Scores or labels, as the first answer shows.
  public let knowledge: Knowledge

  private let options: Options
  private let asker: Asker
  private let kind: Contract.Kind
  private let state: Mutex<State>
  // Guarded by the lock of `state`.
  private var hasToldNumbers = false

  /// Asks a model about one example, to learn how it answers, unless the cache knows.
  ///
  /// - Parameters:
  ///   - reference: The model.
  ///   - probe: An example.
  ///   - classes: The number of classes, for a model that answers with labels; others say themselves.
  ///   - options: How to ask.
  /// - Throws: `RemoteError`; `FileError` for the cache.
  public init(
    _ reference: RemoteReference, probe: Tensor<Float>, classes: Int?, options: Options = Options()
  ) throws {
    let name = "\(reference)"
    self.name = name
    inputShape = probe.shape
    self.options = options
    let interruption = Interruption()
    let transport: any Transport =
      switch reference {
      case .endpoint(let address):
        EndpointTransport(
          address, headers: options.headers, timeout: options.timeout, interruption: interruption)
      case .program(let command):
        ProgramTransport(command, timeout: options.timeout, interruption: interruption)
      }
    asker = Asker(
      name: name, transport: transport, options: options, interruption: interruption,
      secrets: reference.secrets(options.headers))
    digest = reference.digest
    let subject = QueryCache.Subject(model: name, digest: digest, shape: probe.shape)
    let known = try options.cache.flatMap { try QueryCache.kind(in: $0, of: subject) }
    var first: [(QueryCache.Digest, [Float])] = []
    if let known {
      kind = known
    } else {
      let told = Self.told(probe.scalars, options.range)
      let (kind, rows) = try asker.ask([told[...]], shape: probe.shape, answered: 0)
      self.kind = kind
      first = [(told.withUnsafeBufferPointer { QueryCache.digest(of: $0) }, rows[0])]
    }
    switch kind {
    case .outputs(let count):
      guard classes ?? count == count else {
        throw RemoteError.answer(
          model: name,
          problem: "answers with \(count) outputs; expected \(classes ?? count), one for each class"
        )
      }
      outputCount = count
      knowledge = .scores
    case .labels:
      guard let classes, classes > 1 else {
        throw RemoteError.answer(
          model: name,
          problem: "answers with labels; the number of classes must be given (\(Setting.classes))")
      }
      outputCount = classes
      knowledge = .labels
    }
    var cache = try QueryCache(
      path: options.cache, subject: subject, kind: kind, note: options.note)
    try cache.keep(first)
    state = Mutex(State(cache: cache, asked: first.count))
  }

  /// The inputs that the model was asked about, in this run.
  public var queries: Int { state.withLock { $0.asked } }

  /// Makes sure that the model said nothing beyond its answers, for else they may belong to other inputs; to be called
  /// before results are told.
  ///
  /// - Throws: `RemoteError.misaligned`, once all answers of this run are void in the cache.
  public func finish() throws {
    try state.withLock { state in
      try voiding(&state) { (_: inout State) in try asker.finish() }
    }
  }

  /// Does work, after which no answer of this run counts where it shows that they may belong to other inputs.
  private func voiding<Result>(
    _ state: inout State, _ work: (inout State) throws -> Result
  ) throws -> Result {
    do {
      return try work(&state)
    } catch let error as RemoteError {
      if error.voidsAnswers { try state.cache.void() }
      throw error
    }
  }

  /// Ends the question that is being asked, and all later ones, with `CancellationError`; from any thread.
  public func interrupt() { asker.interruption.set() }

  /// Asks about what is not known yet, and fills in the outputs; a label is one where it is, zero elsewhere.
  ///
  /// - Throws: `RemoteError`, which ends the run; `FileError` for the cache; `CancellationError` once interrupted.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    guard options.range != nil else { return try answer(rows, count: count, outputs: outputs) }
    try Self.told(rows, options.range).withUnsafeBufferPointer {
      try answer($0, count: count, outputs: outputs)
    }
  }

  /// Values as the model takes them.
  private static func told(
    _ values: some Collection<Float>, _ range: ClosedRange<Float>?
  ) -> [Float] {
    guard let range else { return Array(values) }
    return values.map { range.lowerBound + $0 * (range.upperBound - range.lowerBound) }
  }

  private func answer(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = inputShape.count
    try state.withLock { state in
      let digests = (0..<count).map {
        QueryCache.digest(of: UnsafeBufferPointer(rebasing: rows[$0 * size..<($0 + 1) * size]))
      }
      // Another run with the same cache may know more by now.
      if digests.contains(where: { state.cache[$0] == nil }) { try state.cache.refresh() }
      var unknown: Set<QueryCache.Digest> = []
      let order = digests.indices.filter {
        state.cache[digests[$0]] == nil && unknown.insert(digests[$0]).inserted
      }
      var rest = order[...]
      while !rest.isEmpty {
        let part = rest.prefix(try room(state))
        rest = rest.dropFirst(part.count)
        try ask(part, rows, digests, &state)
      }
      for (row, digest) in digests.enumerated() {
        try fill(
          UnsafeMutableBufferPointer(
            rebasing: outputs[row * outputCount..<(row + 1) * outputCount]),
          with: state.cache[digest] ?? [])
      }
    }
  }

  /// How many inputs the next question may hold.
  private func room(_ state: State) throws -> Int {
    let left = options.queries.map { $0 - state.asked } ?? .max
    guard left > 0 else {
      throw RemoteError.budget(
        model: name, queries: options.queries ?? 0, cache: options.cache)
    }
    let perSecond = options.rate.map { Int(min($0, 1e9)) } ?? .max
    return max(1, min(options.batch, left, perSecond))
  }

  /// Never: a remote model has no gradients, and the runner refuses attacks that need them.
  public func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    throw RemoteError.answer(model: name, problem: "has no gradients")
  }

  private func ask(
    _ part: ArraySlice<Int>, _ rows: UnsafeBufferPointer<Float>, _ digests: [QueryCache.Digest],
    _ state: inout State
  ) throws {
    if let turn = state.nextTurn { try asker.interruption.sleep(turn - .now) }
    let size = inputShape.count
    let inputs = part.map { Array(rows[$0 * size..<($0 + 1) * size])[...] }
    let began = ContinuousClock.now
    let (kind, answers) = try voiding(&state) { (state: inout State) in
      try asker.ask(inputs, shape: inputShape, answered: state.asked)
    }
    if !hasToldNumbers, answers.contains(where: { $0.contains { !$0.isFinite } }) {
      hasToldNumbers = true
      options.note(
        "\(name): answers hold null or numbers beyond single precision; the examples with such outputs count as not"
          + " classified")
    }
    guard kind == self.kind else {
      throw RemoteError.answer(
        model: name,
        problem: "answers with \(kind.words), but with \(self.kind.words) before")
    }
    if let rate = options.rate { state.nextTurn = began + .seconds(Double(part.count) / rate) }
    state.asked += part.count
    try state.cache.keep(zip(part, answers).map { (digests[$0], $1) })
  }

  private func fill(
    _ outputs: UnsafeMutableBufferPointer<Float>, with answer: [Float]
  ) throws {
    guard kind == .labels else {
      for index in outputs.indices { outputs[index] = answer[index] }
      return
    }
    let label = Int(answer.first ?? -1)
    guard outputs.indices.contains(label) else {
      throw RemoteError.answer(
        model: name,
        problem:
          "answers with the label \(label), but there are \(outputCount) classes (\(Setting.classes))"
      )
    }
    outputs.update(repeating: 0)
    outputs[label] = 1
  }

  /// How to ask.
  public struct Options: Sendable {
    /// Lines of the request's header, such as `Authorization: Bearer ...`.
    public var headers: [String] = []
    /// How long to wait for an answer.
    public var timeout: Duration = .seconds(30)
    /// How often to ask before giving up.
    public var attempts = 5
    /// The wait before the second attempt; it doubles each time, up to a minute, and is never shorter than
    /// what the endpoint asks for (`Retry-After`).
    public var pause: Duration = .milliseconds(500)
    /// The longest that an endpoint may ask to be left alone before the run ends.
    public var longestWait: Duration = .seconds(600)
    /// The most inputs per second; `nil` for no limit.
    public var rate: Double?
    /// The most inputs to ask about in all; `nil` for no limit.
    public var queries: Int?
    /// The most inputs in one question; never more than the rate allows in a second.
    public var batch = 128
    /// What the values from 0 to 1 are told as, such as 0...255; `nil` for as they are.
    public var range: ClosedRange<Float>?
    /// A file that keeps the answers.
    public var cache: String?
    /// Told, in a line, how long a wait will be, and what of the cache is damaged.
    public var note: @Sendable (String) -> Void = { _ in }

    /// Creates the standard options.
    public init() {}
  }
}
