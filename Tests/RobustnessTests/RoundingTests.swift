import Engine
import Models
import Networks
import Robustness
import Synchronization
import Tensors
import Testing

/// What is adversarial in one rounding only is not counted.
@Suite struct RoundingTests {
  /// Two outputs, 0 and x - 0.5, that double precision and other orders see moved.
  private final class Contradicted: BatchedModel, ModelDefinition {
    let inputShape: Shape = [1]
    let outputCount = 2
    let knowledge = Knowledge.gradients
    let asked = Atomic<Int>(0)
    private let precise: Double
    private let reordered: [Float]
    private let hasDefinition: Bool

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - precise: By how much the second output is less in double precision.
    ///   - reordered: By how much it is less in other orders of summation.
    ///   - hasDefinition: Whether it can be asked for these.
    init(precise: Double = 0, reordered: [Float] = [0, 0], hasDefinition: Bool = true) {
      self.precise = precise
      self.reordered = reordered
      self.hasDefinition = hasDefinition
    }

    var definition: (any ModelDefinition)? { hasDefinition ? self : nil }

    func evaluate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
    ) throws {
      for row in 0..<count {
        outputs[2 * row] = 0
        outputs[2 * row + 1] = rows[row] - 0.5
      }
    }

    func differentiate(
      _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
      gradients: UnsafeMutableBufferPointer<Float>,
      cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
      try evaluate(rows, count: count, outputs: outputs)
      gradients.update(repeating: 1)
    }

    func outputs(of example: Tensor<Float>) throws -> DefinedOutputs {
      asked.wrappingAdd(1, ordering: .relaxed)
      return DefinedOutputs(
        precise: [0, Double(example[0]) - 0.5 - precise],
        reordered: reordered.map { [0, example[0] - 0.5 - $0] })
    }

    func rounding() throws -> Double { NetworkDefinition.leastRounding }
  }

  /// What comes of an attack that returns the point at 0.5 + `margin`, of an example at 0.
  private func outcome(
    _ model: Contradicted, margin: Float, asks: Bool = false
  ) async throws -> Outcome {
    let problem = try Problem(
      index: 0, input: Tensor([0], shape: [1]), label: 0, threat: try Ball(.infinity, radius: 1))
    let attack = Scripted { _, oracle in
      let point = Tensor<Float>([0.5 + margin], shape: [1])
      if asks { _ = try await oracle.scores(at: point) }
      return point
    }
    return try #require(try await AttackRunner(model: model).run(attack, on: [problem]).first)
  }

  @Test(arguments: [false, true])
  func `a point that double precision reads rightly is no adversarial example`(_ asks: Bool)
    async throws
  {
    let model = Contradicted(precise: 0x1p-22)
    let found = try await outcome(model, margin: 0x1p-23, asks: asks)
    #expect(found.adversarialExample == nil && found.robust && found.failure == nil)
    #expect(found.margin == 0x1p-23)
    #expect(model.asked.load(ordering: .relaxed) > 0)
  }

  @Test func `one that another order reads rightly is none either`() async throws {
    let model = Contradicted(reordered: [0, 0x1p-22])
    #expect(try await outcome(model, margin: 0x1p-23).adversarialExample == nil)
  }

  @Test func `the margin must exceed ten differences`() async throws {
    for (precise, reordered) in [(0x1p-22, [0, 0]), (0, [0x1p-22, 0]), (0, [0, 0x1p-22])]
      as [(Double, [Float])]
    {
      let model = Contradicted(precise: precise, reordered: reordered)
      // In double precision these are 9.5 and 10.5 times the difference, or 9 and 11 times.
      let short = try await outcome(model, margin: 0x1p-22 * (precise > 0 ? 10.5 : 9))
      #expect(short.adversarialExample == nil && short.robust)
      let margin: Float = 0x1p-22 * 11.5
      let enough = try await outcome(model, margin: margin)
      #expect(
        enough.adversarialExample?.rounding
          == .verified(margin: Double(margin) - precise, difference: 0x1p-22))
    }
  }

  @Test func `beyond all rounding nothing is asked`() async throws {
    let model = Contradicted(precise: 1)
    // Half of the largest output's rounding and more: that output is 0.5.
    let bound = Float(0.5 * NetworkDefinition.leastRounding)
    let found = try await outcome(model, margin: 1.25 * bound, asks: true)
    #expect(found.adversarialExample?.rounding == .clear)
    #expect(model.asked.load(ordering: .relaxed) == 0)
  }

  @Test func `a model without a definition is believed and said to be unverified`() async throws {
    let model = Contradicted(hasDefinition: false)
    let found = try await outcome(model, margin: 0x1p-23, asks: true)
    #expect(found.adversarialExample?.rounding == .unverified)
    #expect(model.asked.load(ordering: .relaxed) == 0)
  }

  @Test func `an attack is told to stop beyond rounding only`() async throws {
    // The largest output at the example is 0.5.
    let bound = Float(0.5 * NetworkDefinition.leastRounding)
    let problem = try Problem(
      index: 0, input: Tensor([0], shape: [1]), label: 0, threat: try Ball(.infinity, radius: 1))
    for hasDefinition in [false, true] {
      let attack = Scripted { _, oracle in
        let points = [-bound, bound / 2, bound, 1.01 * bound].map {
          Tensor<Float>([0.5 + $0], shape: [1])
        }
        let reached = try await oracle.scores(at: points).map(\.reachesGoal)
        #expect(reached == [false, !hasDefinition, !hasDefinition, true])
        return points[0]
      }
      let model = Contradicted(hasDefinition: hasDefinition)
      let found = try await AttackRunner(model: model).run(attack, on: [problem])
      #expect(found.first?.adversarialExample != nil)
    }
  }

  /// A search of the nearest point that asks about some margins and comes back with the first.
  private struct Asking: Attack {
    static let name = "asking"
    static let knowledge = Knowledge.scores
    static let search = SearchKind.minimumNorm
    let budget = Passes(forward: 10)
    let margins: [Float]

    func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
      let points = margins.map { Tensor<Float>([0.5 + $0], shape: [1]) }
      let reached = try await oracle.scores(at: points).map(\.reachesGoal)
      #expect(reached == margins.map { $0 > 0 })
      return Candidate(points[0])
    }
  }

  @Test func `a search of the nearest point keeps the nearest beyond rounding`() async throws {
    let bound = Float(0.5 * NetworkDefinition.leastRounding)
    let problem = try Problem(
      index: 0, input: Tensor([0], shape: [1]), label: 0, threat: try Ball(.infinity, radius: 1),
      goal: .avoid(0), earlyStopping: false)
    let model = Contradicted(precise: 0x1p-22)
    let attack = Asking(margins: [bound / 4, -bound, 1.5 * bound, 1.25 * bound, 4 * bound])
    let found = try await AttackRunner(model: model).run(attack, on: [problem])
    #expect(found.first?.nearest?.margin == Double(1.25 * bound))
    #expect(found.first?.nearest?.rounding == .clear)
    #expect(model.asked.load(ordering: .relaxed) == 0)
    // Where there is nothing else, other ways to compute the model are asked.
    let alone = try await AttackRunner(model: model).run(
      Asking(margins: [bound / 4]), on: [problem])
    #expect(
      alone.first?.nearest?.rounding
        == .verified(margin: Double(bound / 4) - 0x1p-22, difference: 0x1p-22))
    let short = try await AttackRunner(model: model).run(Asking(margins: [0x1p-21]), on: [problem])
    #expect(short.first?.nearest == nil && short.first?.robust == true)
  }

  /// A network whose long sums round in every way.
  private static func network() throws -> Network {
    try Network("sums", input: InputDescription(shape: [400]), seed: 5) {
      Linear(60)
      ReLU()
      Linear(3)
    }
  }

  @Test func `points that a network's engine alone sees beyond the boundary are not counted`()
    async throws
  {
    let network = try Self.network()
    let definition = try NetworkDefinition(network)
    let runner = AttackRunner(model: try CompiledNetwork(network))
    var randomness = Philox(key: 8)
    var contradicted = 0
    for index in 0..<24 {
      let (x, y) = (randomness.uniforms([400]), randomness.uniforms([400]))
      let leads = try await Self.scores(runner, at: [x, y]).map { Double($0[0]) - Double($0[1]) }
      // Between the two, so that it is crossed on the way.
      let side: Double = leads[0] < leads[1] ? 1 : -1
      let goal = Goal.any(of: [
        [
          Inequality(
            [.init(side, output: 0), .init(-side, output: 1)],
            offset: -side * (leads[0] + leads[1]) / 2)
        ]
      ])
      func point(_ share: Float) -> Tensor<Float> { x.zip(y) { $0 + share * ($1 - $0) } }
      // The engine's boundary as near as single precision comes.
      var (low, high, middle) = (Float(0), Float(1), Float(0.5))
      while middle > low, middle < high {
        let isBeyond = goal.margin(of: try await Self.scores(runner, at: [point(middle)])[0]) > 0
        if isBeyond { high = middle } else { low = middle }
        middle = (low + high) / 2
      }
      let (nearest, beyond) = (point(high), point(high + 0.01))
      let exact = goal.margin(of: try definition.outputs(of: nearest).precise)
      contradicted += exact <= 0 ? 1 : 0
      let problem = try Problem(
        index: index, input: x, label: nil, threat: try Ball(.infinity, radius: 1), goal: goal)
      let found = try await runner.run(Scripted { _, _ in nearest }, on: [problem])
      #expect(exact > 0 || found.first?.adversarialExample == nil)
      // Some way on it is one.
      let clear = try await runner.run(Scripted { _, _ in beyond }, on: [problem])
      #expect(clear.first?.adversarialExample != nil)
    }
    #expect(contradicted > 0)
  }

  private static func scores(
    _ runner: AttackRunner, at points: [Tensor<Float>]
  ) async throws -> [Tensor<Float>] {
    // Of a row whose attack returns nothing else the runner keeps what the oracle answered.
    let kept = Mutex<[Tensor<Float>]>([])
    let attack = Scripted { problem, oracle in
      let scores = try await oracle.scores(at: points)
      kept.withLock { $0 = scores.map(\.outputs) }
      return problem.input
    }
    let problem = try Problem(
      index: 0, input: points[0], label: nil, threat: try Ball(.infinity, radius: 1),
      goal: .leave(-1e9...1e9))
    _ = try await runner.run(attack, on: [problem])
    return kept.withLock { $0 }
  }

  @Test func `a definition is the engine's network`() async throws {
    let network = try Self.network()
    let definition = try NetworkDefinition(network)
    let runner = AttackRunner(model: try CompiledNetwork(network))
    var randomness = Philox(key: 2)
    let points = (0..<20).map { _ in randomness.uniforms([400]) }
    for (point, scores) in zip(points, try await Self.scores(runner, at: points)) {
      let defined = try definition.outputs(of: point)
      let size = defined.precise.reduce(0) { max($0, $1.magnitude) }
      #expect(defined.reordered.count == 2 && defined.reordered[0] != defined.reordered[1])
      for outputs in [scores.scalars] + defined.reordered {
        for (value, exact) in zip(outputs, defined.precise) {
          #expect(abs(Double(value) - exact) <= NetworkDefinition.leastRounding / 10 * size)
        }
      }
    }
  }

  @Test func `rounding is measured where outputs are small differences of large sums`() throws {
    var network = try Self.network()
    #expect(try NetworkDefinition(network).rounding() == NetworkDefinition.leastRounding)
    var parameters = network.parameters
    func name(_ shape: Shape) throws -> String {
      try #require(parameters.first { $0.value.shape == shape }?.key)
    }
    // The second layer takes away what the first adds.
    let (first, last) = (try name([60]), try name([3]))
    let weight = try #require(parameters[try name([3, 60])])
    parameters[first] = parameters[first]?.map { $0 + 10_000 }
    for output in 0..<3 {
      let sum = weight.row(output).scalars.reduce(0, +)
      parameters[last]?[output] -= 10_000 * sum
    }
    try network.load(parameters)
    #expect(try NetworkDefinition(network).rounding() > 10 * NetworkDefinition.leastRounding)
  }

  @Test func `margins of goals in double precision are those in single precision`() {
    var randomness = Philox(key: 6)
    let goals: [Goal] = [
      .avoid(2), .reach(1), .avoid(multiLabel: [true, false, true, false]),
      .leave(-0.5...0.25, output: 3), .leave(anyOf: Array(repeating: -3...3, count: 4)),
      .any(of: [
        [
          Inequality([.init(1, output: 0), .init(-1, output: 3)]),
          Inequality([.init(2, output: 1), .init(-1, output: 3)], offset: 0.5),
        ]
      ]),
    ]
    for _ in 0..<50 {
      let outputs = randomness.normals([4])
      for goal in goals {
        #expect(goal.margin(of: outputs.scalars.map(Double.init)) == goal.margin(of: outputs))
      }
    }
    #expect(Goal.avoid(singleLogit: 0).margin(of: [0.5]) == 0.5)
    #expect(Goal.avoid(0).margin(of: [0, .nan] as [Double]).isNaN)
    #expect(Goal.avoid(0).margin(of: [1, 1] as [Double]) == 0)
  }
}
