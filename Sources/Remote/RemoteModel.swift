public import Robustness
import Synchronization
public import Tensors

/// A model that runs elsewhere: an HTTP endpoint, or a program that reads inputs and writes outputs.
///
/// It reveals scores or labels, as it answers; see `Contract` for what is said. Answers are kept: the same input is
/// never asked about twice, and with a cache file not in later runs either, so that a run that was cut short goes on
/// where it stopped.
///
/// `@unchecked Sendable`: what changes is guarded by its lock; the shell asks from one thread anyway.
public final class RemoteModel: BatchedModel, @unchecked Sendable {
  /// How to ask.
  public struct Options: Sendable {
    /// Lines of the request's header, such as `Authorization: Bearer ...`.
    public var headers: [String] = []
    /// How long to wait for an answer.
    public var timeout: Duration = .seconds(30)
    /// How often to ask before giving up.
    public var attempts = 5
    /// The wait before the second attempt; it doubles each time, and is never shorter than what the endpoint asks for.
    public var pause: Duration = .milliseconds(500)
    /// The most inputs per second; `nil` for no limit.
    public var rate: Double?
    /// The most inputs to ask about in all; `nil` for no limit.
    public var queries: Int?
    /// The most inputs in one question.
    public var batch = 128
    /// A file that keeps the answers.
    public var cache: String?

    /// Creates the standard options.
    public init() {}
  }

  private struct State {
    var cache: QueryCache
    var asked = 0
    var nextTurn: ContinuousClock.Instant?
  }

  /// What the model is called.
  public let name: String
  /// The shape of one example.
  public let inputShape: Shape
  /// The number of outputs; for labels only, the number of classes.
  public let outputCount: Int
  /// Scores or labels, as the first answer shows.
  public let knowledge: Knowledge

  private let options: Options
  private let transport: any Transport
  private let kind: Contract.Kind
  private let state: Mutex<State>

  /// Asks a model about one example, to learn how it answers.
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
    name = "\(reference)"
    inputShape = probe.shape
    self.options = options
    transport =
      switch reference {
      case .endpoint(let address):
        EndpointTransport(address, headers: options.headers, timeout: options.timeout)
      case .program(let command): ProgramTransport(command, timeout: options.timeout)
      }
    let asker = Asker(name: name, transport: transport, options: options)
    let (kind, rows) = try asker.ask([probe.scalars[...]], shape: probe.shape, answered: 0)
    self.kind = kind
    switch kind {
    case .outputs(let count):
      outputCount = count
      knowledge = .scores
    case .labels:
      guard let classes, classes > 1 else {
        throw RemoteError.answer(
          model: name, problem: "answers with labels; the number of classes must be given")
      }
      outputCount = classes
      knowledge = .labels
    }
    var cache = try QueryCache(
      path: options.cache, subject: .init(model: name, shape: inputShape, kind: kind))
    let digest = probe.withUnsafeScalars { QueryCache.digest(of: $0) }
    if cache[digest] == nil { try cache.keep([(digest, rows[0])]) }
    state = Mutex(State(cache: cache, asked: 1))
  }

  /// The inputs that the model was asked about, in this run.
  public var queries: Int { state.withLock { $0.asked } }

  /// Asks about what is not known yet, and fills in the outputs; a label is one where it is, zero elsewhere.
  ///
  /// - Throws: `RemoteError`, which ends the run; `FileError` for the cache.
  public func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = inputShape.count
    try state.withLock { state in
      let digests = (0..<count).map {
        QueryCache.digest(of: UnsafeBufferPointer(rebasing: rows[$0 * size..<($0 + 1) * size]))
      }
      var unknown: [QueryCache.Digest: Int] = [:]
      var order: [Int] = []
      for (row, digest) in digests.enumerated() where state.cache[digest] == nil {
        if unknown.updateValue(row, forKey: digest) == nil { order.append(row) }
      }
      var rest = order[...]
      while !rest.isEmpty {
        let part = rest.prefix(max(1, options.batch))
        rest = rest.dropFirst(part.count)
        try ask(part, rows, digests, &state)
      }
      for (row, digest) in digests.enumerated() {
        fill(
          UnsafeMutableBufferPointer(
            rebasing: outputs[row * outputCount..<(row + 1) * outputCount]),
          with: state.cache[digest] ?? [])
      }
    }
  }

  /// Never: a model elsewhere has no gradients, and the shell refuses attacks that need them.
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
    if let limit = options.queries, state.asked + part.count > limit {
      throw RemoteError.budget(model: name, queries: limit, cache: options.cache)
    }
    if let turn = state.nextTurn { Asker.sleep(turn - .now) }
    let size = inputShape.count
    let inputs = part.map { Array(rows[$0 * size..<($0 + 1) * size])[...] }
    let began = ContinuousClock.now
    let asker = Asker(name: name, transport: transport, options: options)
    let (kind, answers) = try asker.ask(inputs, shape: inputShape, answered: state.asked)
    guard kind == self.kind else {
      throw RemoteError.answer(
        model: name,
        problem: "answers with \(kind.words), but with \(self.kind.words) before")
    }
    if let rate = options.rate { state.nextTurn = began + .seconds(Double(part.count) / rate) }
    state.asked += part.count
    try state.cache.keep(zip(part, answers).map { (digests[$0], $1) })
  }

  private func fill(_ outputs: UnsafeMutableBufferPointer<Float>, with answer: [Float]) {
    guard kind == .labels else {
      for index in outputs.indices { outputs[index] = answer[index] }
      return
    }
    outputs.update(repeating: 0)
    let label = Int(answer.first ?? -1)
    // A label beyond the classes is wrong whatever class is attacked, and is said by no output.
    if outputs.indices.contains(label) {
      outputs[label] = 1
    } else {
      outputs.update(repeating: .nan)
    }
  }
}

extension Contract.Kind {
  var words: String {
    switch self {
    case .outputs(let count): "\(count) outputs"
    case .labels: "labels"
    }
  }
}
