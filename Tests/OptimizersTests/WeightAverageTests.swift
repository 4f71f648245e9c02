import Engine
import Models
import Optimizers
import Tensors
import Testing

/// Averages of live parameters; `DescentTests` compares them with PyTorch's.
@Suite struct WeightAverageTests {
  private static let rules: [WeightAverage.Rule] = [
    .exponential(decay: 0.99), .exponential(decay: 0.99, warmUp: true), .equal(), .equal(from: 3),
  ]

  /// An average of a store that walks, and the store.
  private static func walk(
    _ average: WeightAverage, _ store: ParameterStore, _ steps: Range<Int>
  ) throws {
    for step in steps {
      for (name, tensor) in Sizes.tensors(UInt64(step + 1)) { try store.update(name, to: tensor) }
      average.update(at: step)
    }
  }

  private static func make(_ rule: WeightAverage.Rule) -> (WeightAverage, ParameterStore) {
    let store = ParameterStore(Sizes.tensors(0), isFrozen: false)
    return (WeightAverage(rule, of: store, names: Sizes.names, statistics: []), store)
  }

  private func bits(_ tensors: [String: Tensor<Float>]) -> [String: [UInt32]] {
    tensors.mapValues { $0.scalars.map(\.bitPattern) }
  }

  @Test("an average has the weights of its rule", arguments: rules)
  func weights(rule: WeightAverage.Rule) throws {
    let found = try EngineThread.shared.sync { () throws -> (Int, [String: Tensor<Float>]) in
      let (average, store) = Self.make(rule)
      try Self.walk(average, store, 0..<12)
      return (average.count, average.tensors())
    }
    // The weight of each state, by unrolling the recursion.
    let first = if case .equal(let first) = rule { first } else { 0 }
    let count = 12 - first
    #expect(found.0 == count)
    func decay(_ t: Int) -> Double {
      switch rule {
      case .exponential(let decay, let warmUp):
        warmUp ? min(decay, Double(1 + t) / Double(10 + t)) : decay
      case .equal: Double(t) / Double(t + 1)
      }
    }
    let weights = (0..<count).map { state in
      (state == 0 ? 1 : 1 - decay(state)) * (state + 1..<count).reduce(1) { $0 * decay($1) }
    }
    #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
    for name in Sizes.names {
      let tensor = try #require(found.1[name])
      let states = try (first..<12).map { try #require(Sizes.tensors(UInt64($0 + 1))[name]) }
      for index in stride(from: 0, to: tensor.count, by: 97) {
        let expected = zip(weights, states).reduce(0) { $0 + $1.0 * Double($1.1[index]) }
        #expect(abs(Double(tensor[index]) - expected) < 1e-6)
      }
    }
  }

  @Test("an average does not depend on the number of threads", arguments: rules)
  func threads(rule: WeightAverage.Rule) throws {
    let results = try (1...4).map { threads in
      let engine = EngineThread()
      engine.limit(threads: threads)
      return try engine.sync { () throws -> [String: Tensor<Float>] in
        let (average, store) = Self.make(rule)
        try Self.walk(average, store, 0..<6)
        return average.tensors()
      }
    }
    for other in results.dropFirst() { #expect(bits(other) == bits(results[0])) }
  }

  @Test("an average goes on from its state as if it had never stopped", arguments: rules)
  func resumes(rule: WeightAverage.Rule) throws {
    let (whole, resumed) = try EngineThread.shared.sync {
      () throws -> ([String: Tensor<Float>], [String: Tensor<Float>]) in
      let (average, store) = Self.make(rule)
      #expect(average.state.isEmpty)
      try Self.walk(average, store, 0..<5)
      let state = average.state
      #expect(Set(state.keys) == Set(WeightAverage.stateNames(for: Sizes.names)))
      let (other, otherStore) = Self.make(rule)
      try other.restore(state)
      #expect(other.count == average.count)
      try Self.walk(average, store, 5..<9)
      try Self.walk(other, otherStore, 5..<9)
      return (average.state, other.state)
    }
    #expect(bits(whole) == bits(resumed))
  }

  @Test func restoredCountsAreExact() throws {
    try EngineThread.shared.sync {
      let store = ParameterStore(["p": Tensor<Float>([1, 2], shape: [2])], isFrozen: false)
      let average = WeightAverage(.equal(), of: store, names: ["p"], statistics: [])
      let tensor = Tensor<Float>([0, 0], shape: [2])
      // More than Float holds.
      try average.restore([
        "average/p": tensor, "average.count": Tensor([40, 1_000_001], shape: [2]),
      ])
      #expect(average.count == 40 * 1_048_576 + 1_000_001)
      average.update(at: 0)
      #expect(average.state["average.count"]?.scalars == [40, 1_000_002])
      try average.restore([:])
      #expect(average.count == 0)
    }
  }

  @Test func aStateThatDoesNotFitIsRefused() {
    EngineThread.shared.sync {
      let store = ParameterStore(["p": Tensor<Float>([1, 2], shape: [2])], isFrozen: false)
      let average = WeightAverage(.equal(), of: store, names: ["p"], statistics: [])
      average.update(at: 0)
      let good = average.state
      let cases: [(String, Tensor<Float>?, String)] = [
        ("average/p", nil, "the tensor \"average/p\" is missing"),
        ("average/p", Tensor([1], shape: [1]), "\"average/p\" has the shape 1, expected 2"),
        ("average.count", nil, "\"average.count\" is missing beside \"average/p\""),
        (
          "average.count", Tensor([0, 0.5], shape: [2]),
          "\"average.count\" is not a number of states"
        ),
        (
          "average.count", Tensor([0, 0], shape: [2]), "\"average.count\" is not a number of states"
        ),
        (
          "average.count", Tensor([0, -1], shape: [2]),
          "\"average.count\" is not a number of states"
        ),
        (
          "average.count", Tensor([.nan, 1], shape: [2]),
          "\"average.count\" is not a number of states"
        ),
        ("average.count", Tensor([1], shape: [1]), "\"average.count\" is not a number of states"),
      ]
      for (name, tensor, problem) in cases {
        var state = good
        state[name] = tensor
        let error = #expect(throws: WeightAverage.StateError.self) { try average.restore(state) }
        #expect(
          error?.description == "the average of the parameters cannot be restored: " + problem)
        #expect(average.state == good)
      }
    }
  }

  @Test func exchangingTwiceChangesNothing() throws {
    try EngineThread.shared.sync {
      let (average, store) = Self.make(.exponential(decay: 0.5))
      // Before the first state there is nothing to exchange.
      let start = store.bits(Sizes.names)
      #expect(bits(average.tensors()) == bits(Sizes.tensors(0)))
      average.exchange()
      #expect(store.bits(Sizes.names) == start)
      average.exchange()
      try Self.walk(average, store, 0..<4)
      let live = store.bits(Sizes.names)
      let averaged = average.tensors()
      average.exchange()
      for name in Sizes.names { #expect(store.tensor(name) == averaged[name]) }
      average.exchange()
      #expect(store.bits(Sizes.names) == live)
      #expect(bits(average.tensors()) == bits(averaged))
    }
  }

  @Test func statisticsAreAveragedWhereAsked() throws {
    try EngineThread.shared.sync {
      let store = ParameterStore(Sizes.tensors(0), isFrozen: false)
      let with = WeightAverage(.equal(), of: store, names: ["weight"], statistics: ["bias"])
      let without = WeightAverage(.equal(), of: store, names: ["weight"], statistics: [])
      try Self.walk(with, store, 0..<3)
      without.update(at: 0)
      #expect(Set(with.tensors().keys) == ["weight", "bias"])
      #expect(Set(without.tensors().keys) == ["weight"])
    }
  }

  @Test func rulesReadWell() {
    #expect(
      Self.rules.map(\.description) == [
        "exponential average, decay 0.99", "exponential average, decay 0.99 with warm-up",
        "equal average from 0 on", "equal average from 3 on",
      ])
  }
}
