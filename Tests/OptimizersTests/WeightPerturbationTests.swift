import Engine
import Graphs
import Models
import Optimizers
import Tensors
import Testing

@Suite struct WeightPerturbationTests {
  private static let rules: [WeightPerturbation.Rule] = [
    .relative(gamma: 0.01), .together(rho: 0.05),
  ]

  private func norm(_ tensors: some Sequence<Tensor<Float>>) -> Double {
    tensors.flatMap(\.scalars).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  @Test("parameters move as the rule says, and come back bit by bit", arguments: rules)
  func movesAndComesBack(rule: WeightPerturbation.Rule) throws {
    let weights = Sizes.tensors(1)
    var directions = Sizes.tensors(2).mapValues { $0.map { 0.3 * $0 } }
    directions["bias"] = Tensor<Float>(Array(repeating: 0, count: 5), shape: [5])
    directions["weight"] = nil
    let slopes = Slopes(directions)
    let store = ParameterStore(weights, isFrozen: false)
    let before = store.bits(Sizes.names)
    let moved = EngineThread.shared.sync { () -> [String: Tensor<Float>] in
      let perturbation = WeightPerturbation(rule, of: store, names: Sizes.names)
      perturbation.restore()
      #expect(store.bits(Sizes.names) == before)
      perturbation.apply(along: { slopes($0) })
      #expect(perturbation.isApplied)
      let moved = Sizes.names.compactMap { name in store.tensor(name).map { (name, $0) } }
      // What happens in between is forgotten.
      let descent = Descent(Adam(), store: store, names: Sizes.names)
      #expect(descent.step(along: { slopes($0) }, rate: 0.1, step: 0))
      perturbation.restore()
      #expect(!perturbation.isApplied)
      return Dictionary(uniqueKeysWithValues: moved)
    }
    #expect(store.bits(Sizes.names) == before)
    for name in Sizes.names {
      let (w, after) = (try #require(weights[name]), try #require(moved[name]))
      guard let g = directions[name], name != "bias" else {
        #expect(w == after, "\(name)")
        continue
      }
      let factor =
        switch rule {
        case .relative(let gamma): gamma * norm([w]) / norm([g])
        case .together(let rho): rho / norm(directions.values)
        }
      for index in stride(from: 0, to: w.count, by: 61) {
        let expected = Double(w[index]) + factor * Double(g[index])
        #expect(abs(Double(after[index]) - expected) < 1e-6, "\(name)")
      }
    }
  }

  @Test("what is subtracted leaves a step that was taken meanwhile", arguments: rules)
  func subtracts(rule: WeightPerturbation.Rule) throws {
    let weights = Sizes.tensors(1)
    let (slopes, others) = (Slopes(Sizes.tensors(2)), Slopes(Sizes.tensors(3)))
    let store = ParameterStore(weights, isFrozen: false)
    EngineThread.shared.sync {
      let perturbation = WeightPerturbation(rule, of: store, names: Sizes.names)
      // Twice: the second goes on from the first.
      perturbation.apply(along: { slopes($0) })
      perturbation.apply(along: { others($0) })
      let descent = Descent(SGD(momentum: 0), store: store, names: Sizes.names)
      #expect(descent.step(along: { others($0) }, rate: 0.1, step: 0))
      perturbation.subtract()
      let after = store.bits(Sizes.names)
      perturbation.subtract()
      #expect(store.bits(Sizes.names) == after)
    }
    for (name, step) in Sizes.tensors(3) {
      let (w, after) = (try #require(weights[name]), try #require(store.tensor(name)))
      for index in stride(from: 0, to: w.count, by: 61) {
        #expect(abs(after[index] - (w[index] - 0.1 * step[index])) < 2e-6, "\(name)")
      }
    }
  }

  @Test("perturbations do not depend on the number of threads", arguments: rules)
  func threads(rule: WeightPerturbation.Rule) {
    let slopes = Slopes(Sizes.tensors(2))
    let results = (1...4).map { threads in
      let store = ParameterStore(Sizes.tensors(1), isFrozen: false)
      let engine = EngineThread()
      engine.limit(threads: threads)
      return engine.sync { () -> [[[UInt32]]] in
        let perturbation = WeightPerturbation(rule, of: store, names: Sizes.names)
        perturbation.apply(along: { slopes($0) })
        let moved = store.bits(Sizes.names)
        perturbation.subtract()
        return [moved, store.bits(Sizes.names)]
      }
    }
    for other in results.dropFirst() { #expect(other == results[0]) }
  }

  @Test("along its gradient a loss grows as the first order says, and is back afterwards")
  func lossGrows() throws {
    var graph = GraphBuilder()
    let x = graph.input("x", [Extents.batch, 6])
    let scores = try graph.linear(
      x, weight: graph.parameter("weight", [4, 6]), bias: graph.parameter("bias", [4]))
    let labels = graph.input("labels", [Extents.batch])
    graph.output("loss", try graph.apply(CrossEntropy(), scores, labels))
    let whole = graph.finish()
    var generator = RandomKey(seed: 1).child("loss").generator
    let inputs = generator.normals([8, 6])
    let store = ParameterStore(
      ["weight": generator.normals([4, 6]), "bias": generator.normals([4])], isFrozen: false)
    try EngineThread.shared.sync {
      let names = ["weight", "bias"]
      let plan = try LossPlan(whole, loss: "loss", withRespectTo: names, parameters: store)
      func loss() throws -> Double {
        try plan.total(rows: 8) { input in
          _ = input("x").update(fromContentsOf: inputs.scalars)
          _ = input("labels").update(fromContentsOf: [0, 1, 2, 3, 0, 1, 2, 3])
        } / 8
      }
      let before = try loss()
      let perturbation = WeightPerturbation(.together(rho: 1e-2), of: store, names: names)
      let slope = Descent(SGD(), store: store, names: names).norm { plan.gradient($0) }
      perturbation.apply(along: { plan.gradient($0) })
      let growth = try loss() - before
      #expect(abs(growth - 1e-2 * slope) < 1e-3 * slope)
      perturbation.restore()
      #expect(try loss() == before)
    }
  }

  @Test func rulesReadWell() {
    #expect(
      Self.rules.map(\.description) == [
        "weights perturbed by 0.01 of their norms", "weights perturbed by 0.05 together",
      ])
  }
}
