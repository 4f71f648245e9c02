import Attacks
import Models
import Robustness
import Tensors
import Testing

/// Attacks on tables whose columns have very different ranges, with radii that are shares of them.
@Suite("Attacks within each column's own range", .serialized) struct RelativeBallAttackTests {
  /// A model of columns from 0 to 1 behind columns of other ranges.
  private struct Stretched: BatchedModel {
    let base: TwoLayers
    let lower: [Float]
    let widths: [Float]

    var inputShape: Shape { base.inputShape }
    var outputCount: Int { base.outputCount }
    var knowledge: Knowledge { base.knowledge }

    private func withScaled(
      _ rows: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) rethrows {
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count) { room in
        for index in rows.indices {
          let column = index % lower.count
          room.initializeElement(at: index, to: (rows[index] - lower[column]) / widths[column])
        }
        try body(UnsafeBufferPointer(room))
      }
    }

    func evaluate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
    ) throws {
      try withScaled(rows) { try base.evaluate($0, count: count, outputs: outputs) }
    }

    func differentiate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
      gradients: UnsafeMutableBufferPointer<Float>,
      cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
      try withScaled(rows) {
        try base.differentiate(
          $0, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
      }
      for index in gradients.indices { gradients[index] /= widths[index % widths.count] }
    }
  }

  private static let count = 12
  private static let lower: [Float] = [0, -3000, 0.25, 7, 0, 1e-4, -1, 0, 100, 0, -2, 5]
  private static let widths: [Float] = [1, 8000, 0.5, 90, 1, 1e-3, 2, 1e6, 1, 30, 0.1, 400]
  private static let model = Stretched(
    base: TwoLayers(inputShape: [12], hidden: 16, outputCount: 4, key: 3), lower: lower,
    widths: widths)

  private static func bounds() throws -> InputBounds {
    try InputBounds(
      lower: Tensor(lower, shape: [count]),
      upper: Tensor(zip(lower, widths).map { $0 + $1 }, shape: [count]))
  }

  private func problems(_ count: Int, _ norm: Norm, radius: Double) throws -> [Problem] {
    var randomness = Philox(key: 4)
    let bounds = try Self.bounds()
    return try (0..<count).map { index in
      let shares = randomness.uniforms([Self.count])
      let x = Tensor(
        (0..<Self.count).map { place in
          let (lower, upper) = (bounds.lower(at: place), bounds.upper(at: place))
          if index % 3 == 0 { return shares[place] < 0.5 ? lower : upper }
          return min(max(lower + shares[place] * (upper - lower), lower), upper)
        }, shape: [Self.count])
      return try Problem(
        index: index, input: x, label: try label(of: x),
        threat: RelativeBall(try Ball(norm, radius: radius, bounds: bounds)))
    }
  }

  private func label(of x: Tensor<Float>) throws -> Int {
    let outputs = try Self.model.evaluate(x).scalars
    return outputs.indices.max { (outputs[$0], $1) < (outputs[$1], $0) } ?? 0
  }

  @Test(
    "witnesses are inside every column's range and share of it", arguments: Selected.rows,
    Norm.allCases)
  func adversarialExamples(_ row: CatalogueRow, _ norm: Norm) async throws {
    // Some methods are about pictures.
    guard row.norms.contains(norm), ![DIFGSM.name, TIFGSM.name].contains(row.name) else { return }
    let attack = try row.attack(row.trial)
    let bounds = try Self.bounds()
    var broken = 0
    for radius in [0.02, 0.3].map({ Sizes.radius($0, norm) }) {
      let problems = try problems(40, norm, radius: radius)
      let outcomes = try await AttackRunner(model: Self.model, batch: 16, seed: 3).run(
        attack, on: problems)
      for (outcome, problem) in zip(outcomes, problems) {
        #expect(outcome.failure == nil, "\(String(describing: outcome.failure))")
        guard let adversarialExample = outcome.adversarialExample else { continue }
        var moves: [Double] = []
        for index in 0..<Self.count {
          let (value, x) = (adversarialExample.input[index], problem.input[index])
          let (least, most) = (bounds.lower(at: index), bounds.upper(at: index))
          #expect(value >= least && value <= most)
          moves.append((Double(value) - Double(x)) / (Double(most) - Double(least)))
        }
        let size = Sizes.size(of: moves, norm, shape: [Self.count])
        #expect(size <= radius)
        #expect(abs(adversarialExample.distance - size) <= 1e-12 * max(radius, 1))
        #expect(try label(of: adversarialExample.input) != problem.label)
        broken += 1
      }
      for (batch, workers) in [(1, 1), (3, 3)] where radius > 0.1 {
        let runner = AttackRunner(model: Self.model, batch: batch, seed: 3, workers: workers)
        let few = try await runner.run(attack, on: Array(problems.prefix(12)))
        #expect(few == Array(outcomes.prefix(12)))
      }
    }
    #expect(broken > 0)
  }

  @Test(
    "on linear models robustness is that of the closed form, or of an ordinary ball, in each column's units",
    arguments: Selected.rows, [Norm.infinity, .two, .one])
  func closedForm(_ row: CatalogueRow, _ norm: Norm) async throws {
    guard row.norms.contains(norm), row.search == .maximumLoss else { return }
    let isExact = row.guarantee(for: norm) == .exact
    guard isExact || row.guarantee(for: norm) != .none else { return }
    let attack = try row.attack()
    let bounds = try Self.bounds()
    var randomness = Philox(key: 77)
    var (held, broken) = (0, 0)
    for problem in try problems(12, norm, radius: norm == .one ? 0.4 : 0.12) {
      let normals = randomness.normals([2, Self.count])
      let weights = Tensor(
        normals.scalars.enumerated().map { $1 / Self.widths[$0 % Self.count] },
        shape: [2, Self.count])
      let slopes = (0..<Self.count).map { Double(weights[Self.count + $0]) - Double(weights[$0]) }
      let widths = (0..<Self.count).map {
        Double(bounds.upper(at: $0)) - Double(bounds.lower(at: $0))
      }
      let shares = (0..<Self.count).map {
        (Double(problem.input[$0]) - Double(bounds.lower(at: $0))) / widths[$0]
      }
      let best = Optimum.gain(
        of: zip(slopes, widths).map { $0 * $1 }, around: shares, norm, try problem.region.radius)
      let clean = (0..<Self.count).reduce(0) { $0 + slopes[$1] * Double(problem.input[$1]) }
      for offset in [0.98 * best, 1.02 * best] {
        let model = AffineModel(
          inputShape: [Self.count], weights: weights,
          biases: Tensor([Float(clean + offset), 0], shape: [2]))
        let question = try Problem(
          index: problem.index, input: problem.input, label: 0, threat: problem.threat)
        let outcome = try #require(
          try await AttackRunner(model: model).run(attack, on: [question]).first)
        if offset > best { #expect(outcome.robust) }
        if isExact {
          #expect(outcome.robust == (offset > best))
        } else {
          #expect(try await outcome.robust == holds(attack, question, model, bounds))
        }
        if outcome.robust { held += 1 } else { broken += 1 }
      }
    }
    #expect(held >= broken && broken > 0)
  }

  /// Whether a linear model holds where columns were spread to ranges of 1 beforehand.
  private func holds(
    _ attack: any Attack, _ problem: Problem, _ model: AffineModel, _ bounds: InputBounds
  ) async throws -> Bool {
    let lower = (0..<Self.count).map { bounds.lower(at: $0) }
    let widths = (0..<Self.count).map { bounds.upper(at: $0) - lower[$0] }
    let weights = Tensor(
      model.weights.scalars.enumerated().map { $1 * widths[$0 % Self.count] },
      shape: model.weights.shape)
    let biases = (0..<2).map { row in
      (0..<Self.count).reduce(Double(model.biases[row])) {
        $0 + Double(model.weights[row * Self.count + $1]) * Double(lower[$1])
      }
    }
    let spread = AffineModel(
      inputShape: [Self.count], weights: weights,
      biases: Tensor(biases.map { Float($0) }, shape: [2]))
    let shares = (0..<Self.count).map {
      min(max((problem.input[$0] - lower[$0]) / widths[$0], 0), 1)
    }
    let question = try Problem(
      index: problem.index, input: Tensor(shares, shape: [Self.count]), label: 0,
      threat: Ball(try #require(problem.threat.norm), radius: try problem.region.radius))
    let outcomes = try await AttackRunner(model: spread).run(attack, on: [question])
    return try #require(outcomes.first).robust
  }
}
