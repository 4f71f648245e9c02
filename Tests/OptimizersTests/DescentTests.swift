import Engine
import Graphs
import Models
import Networks
import Optimizers
import Tensors
import TestSupport
import Testing

/// Steps in place: clipped, without decay of some parameters, on any number of threads.
@Suite struct DescentTests {
  private struct Fixture: CustomTestStringConvertible {
    let name: String
    let optimizer: any Optimizer
    var testDescription: String { name }
  }

  private static let fixtures = [
    Fixture(name: "sgd", optimizer: SGD(momentum: 0.9, weightDecay: 0.05, nesterov: true)),
    Fixture(name: "adamw", optimizer: AdamW(weightDecay: 0.5)),
  ]

  @Test(
    "clipped steps with Nesterov's momentum or decoupled decay, and averages of them, are PyTorch's",
    arguments: fixtures)
  private func agreesWithPyTorch(_ fixture: Fixture) throws {
    let file = try SafeTensorsFile(
      path: Fixtures.path("optimizers/whole-\(fixture.name).safetensors"))
    let names = ["weight", "bias"]
    let rates = try file.tensor("rates").scalars
    let norms = try file.tensor("norms").scalars
    let store = ParameterStore(
      Dictionary(uniqueKeysWithValues: try names.map { ($0, try file.tensor("start/\($0)")) }),
      isFrozen: false)
    let rules: [(key: String, rule: WeightAverage.Rule)] = [
      ("exponential", .exponential(decay: 0.6)),
      ("warm", .exponential(decay: 0.6, warmUp: true)), ("equal", .equal()),
    ]
    var clipped = 0
    var largest = 0.0
    func compare(_ found: Tensor<Float>?, _ key: String, _ step: Int) throws {
      let found = try #require(found)
      let expected = try file.tensor(key)
      let row = expected.scalars[step * found.count..<(step + 1) * found.count]
      for (a, b) in zip(found.scalars, row) {
        largest = max(largest, Double(abs(a - b)) / max(1, Double(abs(b))))
      }
    }
    let descent = Descent(
      fixture.optimizer, store: store, names: names, withoutDecay: ["bias"], largestNorm: 3)
    let averages = rules.map { WeightAverage($0.rule, of: store, names: names, statistics: []) }
    for step in rates.indices {
      let slopes = Slopes(
        Dictionary(
          uniqueKeysWithValues: try names.map { ($0, try file.tensor("gradients/\($0)").row(step)) }
        ))
      EngineThread.shared.sync {
        let isFinite = descent.step(along: { slopes($0) }, rate: Double(rates[step]), step: step)
        #expect(isFinite)
        for average in averages { average.update(at: step) }
      }
      let norm = try #require(descent.gradientNorm)
      #expect(abs(norm - Double(norms[step])) < 1e-6 * norm)
      if norm > 3 { clipped += 1 }
      for name in names {
        try compare(store.tensor(name), "parameters/\(name)", step)
        for (index, rule) in rules.enumerated() {
          try compare(averages[index].tensors()[name], "\(rule.key)/\(name)", step)
        }
      }
    }
    #expect(largest < 1e-6)
    #expect(5..<rates.count ~= clipped)
  }

  private static let optimizers: [any Optimizer] = [
    SGD(weightDecay: 0.01), SGD(weightDecay: 0.01, nesterov: true), Adam(weightDecay: 0.01),
    AdamW(),
  ]

  /// Some steps on a thread of their own with a number of threads.
  private func bits(
    _ optimizer: any Optimizer, threads: Int, withoutDecay: Set<String> = [],
    largestNorm: Double? = nil
  ) -> (bits: [[UInt32]], norms: [Double?]) {
    let store = ParameterStore(Sizes.tensors(1), isFrozen: false)
    let engine = EngineThread()
    engine.limit(threads: threads)
    let norms = engine.sync { () -> [Double?] in
      let descent = Descent(
        optimizer, store: store, names: Sizes.names, withoutDecay: withoutDecay,
        largestNorm: largestNorm)
      return (0..<4).map { step in
        let slopes = Slopes(Sizes.tensors(UInt64(step + 2)))
        #expect(descent.step(along: { slopes($0) }, rate: 0.01, step: step))
        return descent.gradientNorm
      }
    }
    return (store.bits(Sizes.names), norms)
  }

  @Test("steps and norms do not depend on the number of threads", arguments: 0..<4)
  func threads(index: Int) {
    let optimizer = Self.optimizers[index]
    let one = bits(optimizer, threads: 1, withoutDecay: ["bias"], largestNorm: 10)
    #expect(one.norms.allSatisfy { $0.map { $0 > 200 } ?? false })
    for threads in 2...4 {
      let several = bits(optimizer, threads: threads, withoutDecay: ["bias"], largestNorm: 10)
      #expect(several.bits == one.bits)
      #expect(several.norms == one.norms)
    }
  }

  @Test(
    "a norm that no gradient reaches changes nothing, and no bound tells no norm", arguments: 0..<4)
  func unclipped(index: Int) {
    let plain = bits(Self.optimizers[index], threads: 2)
    let bounded = bits(Self.optimizers[index], threads: 2, largestNorm: 1e6)
    #expect(plain.bits == bounded.bits)
    #expect(plain.norms == [nil, nil, nil, nil])
    #expect(bits(Self.optimizers[index], threads: 2, largestNorm: 1).bits != plain.bits)
  }

  @Test("decay leaves out what it is told to, and nothing else", arguments: 0..<4)
  func withoutDecay(index: Int) {
    let all = bits(Self.optimizers[index], threads: 2).bits
    let some = bits(Self.optimizers[index], threads: 2, withoutDecay: ["bias", "large"]).bits
    let none = [
      SGD() as any Optimizer, SGD(nesterov: true), Adam(), AdamW(weightDecay: 0),
    ].map { bits($0, threads: 2).bits }[index]
    for (place, name) in Sizes.names.enumerated() {
      let isOut = ["bias", "large"].contains(name)
      #expect(some[place] == (isOut ? none : all)[place], "\(name)")
      #expect(none[place] != all[place], "\(name)")
    }
  }

  @Test("values moved as a whole are those of the definition, bit by bit")
  func definition() throws {
    let (momentum, decay, rate) = (Float(0.9), Float(0.01), Float(0.02))
    for isNesterov in [false, true] {
      var optimizer: any Optimizer = SGD(
        momentum: 0.9, weightDecay: 0.01, nesterov: isNesterov)
      var parameters = Sizes.tensors(1)
      var values = parameters.mapValues(\.scalars)
      var velocities = values.mapValues { $0.map { _ in Float(0) } }
      for step in 0..<3 {
        let slopes = Sizes.tensors(UInt64(step + 2))
        optimizer.update(&parameters, along: slopes, rate: 0.02, step: step)
        for (name, slope) in slopes {
          var (theta, v) = (try #require(values[name]), try #require(velocities[name]))
          for index in theta.indices {
            let g = slope[index] + decay * theta[index]
            v[index] = momentum * v[index] + g
            theta[index] -= rate * (isNesterov ? g + momentum * v[index] : v[index])
          }
          (values[name], velocities[name]) = (theta, v)
        }
      }
      for name in Sizes.names {
        #expect(parameters[name]?.scalars == values[name], "\(name), Nesterov \(isNesterov)")
      }
    }
  }

  @Test("a gradient that is not finite is told of, clipped or not", arguments: [nil, 1.0])
  func notFinite(largestNorm: Double?) {
    for bad in [Float.nan, .infinity] {
      let store = ParameterStore(Sizes.tensors(1), isFrozen: false)
      var tensors = Sizes.tensors(2)
      tensors["larger"]?[40_000] = bad
      let slopes = Slopes(tensors)
      EngineThread.shared.sync {
        let descent = Descent(
          SGD(), store: store, names: Sizes.names, largestNorm: largestNorm)
        #expect(!descent.step(along: { slopes($0) }, rate: 0.1, step: 0))
      }
    }
  }

  @Test("a norm is that of all gradients together, of any size")
  func norm() throws {
    let tensors = Sizes.tensors(3).mapValues { $0.map { 1e25 * $0 } }
    let slopes = Slopes(tensors)
    let store = ParameterStore(Sizes.tensors(1), isFrozen: false)
    let found = EngineThread.shared.sync {
      let descent = Descent(SGD(), store: store, names: Sizes.names)
      return (
        descent.norm { slopes($0) }, descent.norm { $0 == "weight" ? slopes($0) : nil }
      )
    }
    func norm(_ tensors: some Sequence<Tensor<Float>>) -> Double {
      tensors.flatMap(\.scalars).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let (all, one) = (norm(tensors.values), norm([try #require(tensors["weight"])]))
    #expect(abs(found.0 - all) < 1e-12 * all)
    #expect(abs(found.1 - one) < 1e-12 * one)
  }

  @Test("a graph's vectors are its biases and its normalisations' scales and shifts")
  func vectors() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 2, 4, 4])
    let convolved = try graph.convolution(
      x, weight: graph.parameter("conv.weight", [3, 2, 1, 1]),
      bias: graph.parameter("conv.bias", [3]), Window(1))
    let vectors = ["scale", "shift", "mean", "variance"].map { graph.parameter("norm.\($0)", [3]) }
    let normal = try graph.apply(BatchNormalization(), to: [convolved] + vectors)
    let scores = try graph.linear(
      try graph.flatten(normal), weight: graph.parameter("linear.weight", [1, 48]),
      bias: graph.parameter("linear.bias", [1]))
    graph.output("scores", scores)
    #expect(
      graph.finish().vectorNames == [
        "conv.bias", "norm.scale", "norm.shift", "norm.mean", "norm.variance", "linear.bias",
      ])
  }
}
