import Attacks
import Models
import Robustness
import Tensors
import Testing

/// What is special to the attacks that climb a loss.
@Suite(.serialized) struct MaximumLossTests {
  private func problems(
    _ network: TwoLayers, _ threat: Ball, count: Int = 24, goal: (Int) -> Goal
  ) throws -> [Problem] {
    var randomness = Philox(key: 4)
    return try (0..<count).map {
      let x = randomness.uniforms(network.inputShape)
      let label = try network.label(of: x)
      return try Problem(index: $0, input: x, label: label, threat: threat, goal: goal(label))
    }
  }

  private static var rows: [CatalogueRow] {
    Selected.rows.filter { $0.search == .maximumLoss && $0.knowledge == .gradients }
  }

  @Test(arguments: rows, Norm.allCases)
  func `few classes are attacked with every objective`(
    _ row: CatalogueRow, _ norm: Norm
  ) async throws {
    // FGSM and PGD say so instead; their own tests check that.
    guard row.norms.contains(norm), row.name != "fgsm", row.name != "pgd" else { return }
    let losses = row.parameters.first { $0.name == "objective" } == nil ? [] : Loss.allCases
    var settings = losses.map { ["objective": $0.rawValue] }
    if row.parameters.contains(where: { $0.name == "target-classes" }) {
      settings += settings.map { $0.merging(["target-classes": "3"]) { $1 } }
    }
    for outputCount in [2, 3, 4] {
      let network = TwoLayers(
        inputShape: [1, 4, 6], hidden: 16, outputCount: outputCount, key: 21)
      let ball = try Ball(norm, radius: Sizes.radius(0.5, norm))
      for setting in settings.isEmpty ? [[:]] : settings {
        let attack = try row.attack(row.trial.merging(setting) { $1 })
        for isTargeted in [false, true] {
          let problems = try problems(network, ball) {
            isTargeted ? .reach(($0 + 1) % outputCount) : .avoid($0)
          }
          let outcomes = try await AttackRunner(model: network).run(attack, on: problems)
          #expect(outcomes.allSatisfy { $0.failure == nil })
          #expect(outcomes.contains { $0.adversarialExample != nil }, "\(outputCount) \(setting)")
        }
      }
    }
  }

  @Test(arguments: rows)
  func `goals about several labels are attacked`(_ row: CatalogueRow) async throws {
    guard row.name != "fgsm", row.name != "pgd", row.norms.contains(.infinity) else { return }
    let network = TwoLayers(inputShape: [1, 4, 6], hidden: 16, outputCount: 3, key: 21)
    var randomness = Philox(key: 4)
    let problems = try (0..<40).map { index in
      let x = randomness.uniforms(network.inputShape)
      let outputs = try network.evaluate(x).scalars
      return try Problem(
        index: index, input: x, label: nil, threat: Ball(.infinity, radius: 0.2),
        goal: .avoid(multiLabel: outputs.map { $0 > 0 }))
    }
    let outcomes = try await AttackRunner(model: network).run(
      try row.attack(row.trial), on: problems)
    #expect(outcomes.allSatisfy { $0.failure == nil && $0.cleanMargin < 0 })
    #expect(outcomes.contains { $0.adversarialExample != nil })
  }

  @Test(arguments: [Norm.infinity, .two, .one])
  func `APGD breaks what as many steps of PGD break`(_ norm: Norm) async throws {
    let network = TwoLayers(inputShape: [24], hidden: 16, outputCount: 5, key: 21)
    let ball = try Ball(norm, radius: Sizes.radius(norm == .infinity ? 0.06 : 0.2, norm))
    let problems = try problems(network, ball, count: 200) { .avoid($0) }
    let runner = AttackRunner(model: network, seed: 1)
    func broken(_ attack: any Attack) async throws -> Int {
      try await runner.run(attack, on: problems).count { $0.adversarialExample != nil }
    }
    let plain = try await broken(PGD { $0.steps = 101 })
    #expect(plain > 20 && plain < 180)
    for loss in Loss.allCases {
      let own = try await broken(APGD { $0.loss = loss })
      // PGD fills the steepest coordinates in L1, which few values favour.
      #expect((norm == .one ? 21 : 20) * own >= 19 * plain, "\(loss): \(own), PGD \(plain)")
    }
    let targeted = try await broken(
      APGD {
        $0.loss = .dlr
        $0.targets = 4
      })
    #expect(20 * targeted >= 19 * plain, "\(targeted), PGD \(plain)")
    let several = try await broken(
      MultiTargeted {
        $0.steps = 101
        $0.targets = 4
      })
    #expect(20 * several >= 19 * plain, "\(several), PGD \(plain)")
  }

  @Test(arguments: [("apgd", [Norm.zero]), ("acg", [.zero, .one]), ("vmi-fgsm", [.zero])])
  func `other norms are refused by name`(_ name: String, _ norms: [Norm]) async throws {
    let network = TwoLayers(inputShape: [6], hidden: 4, outputCount: 3, key: 21)
    for norm in norms {
      let problems = try problems(network, try Ball(norm, radius: 1), count: 3) { .avoid($0) }
      let outcomes = try await AttackRunner(model: network).run(
        try Catalogue.row(named: name).attack(), on: problems)
      for outcome in outcomes {
        let text = try #require(outcome.failure?.description)
        #expect(text.contains("'\(name)' is not written for \(norm.rawValue)"))
      }
    }
  }

  @Test(arguments: ["di-fgsm", "ti-fgsm"])
  func `inputs that are no pictures are refused`(_ name: String) async throws {
    let network = TwoLayers(inputShape: [6], hidden: 4, outputCount: 3, key: 21)
    let problems = try problems(network, try Ball(.two, radius: 1), count: 3) { .avoid($0) }
    let outcomes = try await AttackRunner(model: network).run(
      try Catalogue.row(named: name).attack(), on: problems)
    for outcome in outcomes {
      let text = try #require(outcome.failure?.description)
      #expect(text.contains("channels x height x width, and the input is 6"))
    }
  }

  // MARK: - Pieces

  private func product(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Double {
    zip(left.scalars, right.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(arguments: [[1, 28, 28], [3, 32, 20], [2, 3, 4], [1, 1, 1]] as [Shape])
  func `the gradient of a resized picture is its adjoint`(_ shape: Shape) {
    var randomness = Philox(key: 5)
    for rate in [0.1, 0.5, 0.9, 1] {
      for _ in 0..<10 {
        let change = InputDiversity(of: shape, rate: rate, using: &randomness)
        let x = randomness.normals(shape)
        let y = randomness.normals(shape)
        let seen = change.apply(x)
        #expect(seen.shape == shape)
        let difference = product(seen, y) - product(x, change.pullback(y, at: x))
        #expect(abs(difference) <= 1e-5 * Double(shape.count))
        // Where it is not ground, a picture of ones stays one.
        let ones = change.apply(Tensor(repeating: 1, shape: shape))
        #expect(ones.scalars.allSatisfy { $0 == 0 || abs($0 - 1) < 1e-6 })
        if rate == 1 { #expect(zip(seen.scalars, x.scalars).allSatisfy { $0 == $1 }) }
      }
    }
  }

  @Test func `a picture of half the size is the mean of its quarters`() {
    // At this rate and size the only size drawn is 1.
    let picture = Tensor<Float>([1, 2, 3, 6], shape: [1, 2, 2])
    var randomness = Philox(key: 7)
    var seen = Set<[Float]>()
    for _ in 0..<200 {
      let change = InputDiversity(of: picture.shape, rate: 0.5, using: &randomness)
      seen.insert(change.apply(picture).scalars)
    }
    let expected: Set<[Float]> = [
      [3, 0, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 3],
    ]
    #expect(seen == expected)
  }

  @Test func `a kernel spreads a point as a Gaussian and keeps sums`() {
    for radius in [0, 1, 3, 7] {
      let kernel = GaussianKernel(radius: radius)
      var point = Tensor<Float>.zeros([2, 31, 33])
      let place = 33 * 15 + 16
      point[place] = 1
      let spread = kernel.smoothed(point)
      #expect(abs(spread.scalars.reduce(0, +) - 1) < 1e-5)
      #expect(spread.scalars[31 * 33..<2 * 31 * 33].allSatisfy { $0 == 0 })
      for (y, x) in [(0, 1), (1, 0), (1, 1), (radius, radius)] where max(y, x) <= radius {
        let deviations = 3 / Double(max(radius, 1))
        let expected = Double.exp(-Double(x * x + y * y) * deviations * deviations / 2)
        let ratio = Double(spread[place + 33 * y + x]) / Double(spread[place])
        #expect(abs(ratio - expected) < 1e-5)
      }
    }
  }

  @Test func `a kernel wider than the picture is cut at its border`() {
    var randomness = Philox(key: 8)
    let kernel = GaussianKernel(radius: 7)
    let (x, y) = (randomness.normals([1, 3, 5]), randomness.normals([1, 3, 5]))
    // It is symmetric, so its own adjoint, with the border too.
    #expect(abs(product(kernel.smoothed(x), y) - product(x, kernel.smoothed(y))) < 1e-5)
    #expect(product(kernel.smoothed(x), x) > 0)
  }

  @Test func `a magnitude is found by its rank`() {
    var randomness = Philox(key: 9)
    for count in [1, 2, 7, 300] {
      for scale in [1e-38, 1, 1e30] as [Float] {
        var values = randomness.normals([count]).map { scale * $0 }
        if count > 5 { (values[1], values[2], values[3]) = (0, -.infinity, values[4]) }
        let sorted = values.scalars.map(\.magnitude).sorted(by: >)
        for rank in 1...count { #expect(values.magnitude(ofRank: rank) == sorted[rank - 1]) }
      }
    }
  }

  @Test func `momentum weighs gradients alike, however large they are`() async throws {
    let attack = MIFGSM {
      $0.steps = 2
      $0.stepSize = 0.1
      $0.decay = 0.5
      $0.loss = .margin
    }
    let problem = try Problem(
      index: 0, input: Tensor([0.5], shape: [1]), label: 0,
      threat: try Ball(.infinity, radius: 0.3))
    let worst = try await AttackRunner(model: Ridge()).trainingInputs(attack, on: [problem])
    // Up to the other side of the ridge and back: 0.5 of the steep slope is less than the gentle one.
    #expect(abs(worst[0].input[0] - 0.5) < 1e-6)
  }
}

/// A function of one number that rises steeply to a ridge at 0.55 and falls gently behind it.
private struct Ridge: BatchedModel {
  let inputShape: Shape = [1]
  let outputCount = 2
  let knowledge = Knowledge.gradients

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    for row in 0..<count {
      let way = rows[row] - 0.55
      outputs[2 * row] = 10
      outputs[2 * row + 1] = way < 0 ? 100 * way : -way
    }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try evaluate(rows, count: count, outputs: outputs)
    var slopes = [Float](repeating: 0, count: 2 * count)
    slopes.withUnsafeMutableBufferPointer { cotangents(UnsafeBufferPointer(outputs), $0) }
    for row in 0..<count {
      gradients[row] = slopes[2 * row + 1] * (rows[row] < 0.55 ? 100 : -1)
    }
  }
}
