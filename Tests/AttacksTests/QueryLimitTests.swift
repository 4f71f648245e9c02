import Attacks
import Models
import Robustness
import Tensors
import Testing

/// What `queries` promises: no more forward passes on an example, whatever they are for.
@Suite(.serialized) struct QueryLimitTests {
  /// A network whose outputs are uncertain, so that close calls cost a second pass, and sometimes wrong.
  private struct Doubtful: BatchedModel {
    let base: TwoLayers

    var inputShape: Shape { base.inputShape }
    var outputCount: Int { base.outputCount }
    var knowledge: Knowledge { .gradients }
    var uncertainty: Double { 0.5 }

    func evaluate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
    ) throws {
      try base.evaluate(rows, count: count, outputs: outputs)
      // By the row alone, or it would depend on its batch.
      for row in 0..<count {
        let shift = rows[row * inputShape.count].truncatingRemainder(dividingBy: 0.01) * 10
        outputs[row * outputCount] -= shift
      }
    }

    func evaluateExactly(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
    ) throws { try base.evaluate(rows, count: count, outputs: outputs) }

    func differentiate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
      gradients: UnsafeMutableBufferPointer<Float>,
      cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
      try base.differentiate(
        rows, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
    }
  }

  private static func takesQueries(_ row: CatalogueRow) -> Bool {
    row.parameters.contains { $0.name == "queries" }
  }

  private static let rows = Selected.rows.filter(takesQueries)
  private static let shape: Shape = [1, 3, 4]
  private static let network = TwoLayers(inputShape: shape, hidden: 16, outputCount: 4, key: 12)

  private func problems(_ norm: Norm, _ earlyStopping: Bool) throws -> [Problem] {
    var randomness = Philox(key: 9)
    return try (0..<10).map { index in
      let x = randomness.uniforms(Self.shape)
      return try Problem(
        index: index, input: x, label: try Self.network.label(of: x),
        threat: try Ball(norm, radius: Sizes.radius(0.2, norm)),
        goal: .avoid(try Self.network.label(of: x)), earlyStopping: earlyStopping)
    }
  }

  @Test func everyAttackThatTakesQueriesIsHere() throws {
    #expect(Catalogue.rows.count(where: Self.takesQueries) >= 11)
    for row in Self.rows {
      let attack = try row.attack(["queries": "77"])
      #expect(attack.queryLimit == 77)
    }
  }

  @Test(arguments: rows, Norm.allCases)
  func `no example costs more than its queries`(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm) else { return }
    let models: [any BatchedModel] = [Self.network, Doubtful(base: Self.network)]
    var broken = 0
    for queries in [1, 2, 3, 7, 40, 333] {
      var options = row.trial
      options["queries"] = "\(queries)"
      let attack = try row.attack(options)
      for model in models {
        for earlyStopping in [true, false] {
          let outcomes = try await AttackRunner(model: model, batch: 5, seed: 4).run(
            attack, on: problems(norm, earlyStopping))
          for outcome in outcomes {
            #expect(outcome.failure == nil)
            #expect(
              outcome.passes.forward <= queries, "\(row) \(norm) \(queries) \(outcome.index)")
          }
          broken += outcomes.count { $0.adversarialExample != nil || $0.nearest != nil }
        }
      }
    }
    #expect(broken > 0)
  }

  @Test func `what the last query finds is verified`() async throws {
    var broken = 0
    for queries in 3...12 {
      let attack = try Catalogue.row(named: "square").attack(["queries": "\(queries)"])
      let outcomes = try await AttackRunner(model: Self.network, seed: 4).run(
        attack, on: problems(.infinity, true))
      for outcome in outcomes {
        #expect((outcome.adversarialExample != nil) == (outcome.margin > 0))
      }
      broken += outcomes.count { $0.adversarialExample != nil }
    }
    #expect(broken > 0)
  }

  // Nearly all of the queries are spent, too, on what holds.
  @Test(arguments: ["hop-skip-jump", "sign-opt", "geoda", "boundary", "square", "nes", "spsa"])
  func `what holds costs nearly all of them`(_ name: String) async throws {
    let attack = try Catalogue.row(named: name).attack(["queries": "400"])
    let holding = try problems(.two, true).map {
      try Problem(
        index: $0.index, input: $0.input, label: $0.label, threat: try Ball(.two, radius: 1e-4),
        goal: $0.goal)
    }
    let outcomes = try await AttackRunner(model: Doubtful(base: Self.network), seed: 4).run(
      attack, on: holding)
    let spent = outcomes.map(\.passes.forward).sorted()
    #expect(spent[spent.count / 2] >= 340 && (spent.last ?? 0) <= 400)
  }
}
