import Networks
import Optimizers
import Tensors
import TestSupport
import Testing

@Suite struct OptimizerTests {
  private struct Fixture: CustomTestStringConvertible {
    let name: String
    let optimizer: any Optimizer
    var testDescription: String { name }
  }

  private static let fixtures = [
    Fixture(name: "sgd", optimizer: SGD(momentum: 0)),
    Fixture(name: "sgd-momentum", optimizer: SGD(momentum: 0.9)),
    Fixture(name: "sgd-momentum-decay", optimizer: SGD(momentum: 0.9, weightDecay: 0.05)),
    Fixture(name: "adam", optimizer: Adam()),
    Fixture(name: "adam-decay", optimizer: Adam(weightDecay: 0.05)),
    Fixture(name: "adam-constants", optimizer: Adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3)),
  ]

  @Test("the parameters go where PyTorch's go", arguments: fixtures)
  private func agreesWithPyTorch(_ fixture: Fixture) throws {
    let file = try SafeTensorsFile(
      path: Fixtures.path("optimizers/\(fixture.name).safetensors"))
    let gradients = try file.tensor("gradients")
    let rates = try file.tensor("rates").scalars
    let (steps, size) = (gradients.shape[0], gradients.shape[1])
    let expected = try file.tensor("parameters", shape: [steps, size]).scalars
    var optimizer = fixture.optimizer
    var parameters = ["p": try file.tensor("start", shape: [size])]
    var largest = 0.0
    for step in 0..<steps {
      let row = step * size..<(step + 1) * size
      optimizer.update(
        &parameters, along: ["p": Tensor(Array(gradients.scalars[row]), shape: [size])],
        rate: Double(rates[step]), step: step)
      let found = try #require(parameters["p"]).scalars
      for (a, b) in zip(found, expected[row]) {
        largest = max(largest, Double(abs(a - b)) / max(1, Double(abs(b))))
      }
    }
    #expect(largest < 2e-6)
  }

  /// The definition of SGD, one number in double precision.
  private struct DoubleSGD {
    var momentum = 0.9
    var decay = 0.01
    var velocity = 0.0

    mutating func step(_ p: inout Double, _ g: Double, rate: Double) {
      velocity = momentum * velocity + g + decay * p
      p -= rate * velocity
    }
  }

  /// The definition of Adam, one number in double precision.
  private struct DoubleAdam {
    var mean = 0.0
    var variance = 0.0
    var powers = (1.0, 1.0)

    mutating func step(_ p: inout Double, _ g: Double, rate: Double) {
      let slope = g + 0.01 * p
      mean = 0.9 * mean + 0.1 * slope
      variance = 0.999 * variance + 0.001 * slope * slope
      powers = (powers.0 * 0.9, powers.1 * 0.999)
      p -= rate * (mean / (1 - powers.0)) / ((variance / (1 - powers.1)).squareRoot() + 1e-8)
    }
  }

  // Sizes around the width of a vector, and more parameters than one.
  @Test(arguments: [1, 7, 8, 33, 100])
  func followsItsDefinition(size: Int) throws {
    var generator = RandomKey(seed: UInt64(size)).child("optimizers").generator
    let start = ["a": generator.normals([size]), "b.weight": generator.normals([2, size])]
    var sgd: any Optimizer = SGD(momentum: 0.9, weightDecay: 0.01)
    var adam: any Optimizer = Adam(weightDecay: 0.01)
    var (bySGD, byAdam) = (start, start)
    var doubles = start.mapValues { $0.scalars.map(Double.init) }
    var adamDoubles = doubles
    var sgdState = doubles.mapValues { $0.map { _ in DoubleSGD() } }
    var adamState = doubles.mapValues { $0.map { _ in DoubleAdam() } }
    for step in 0..<60 {
      let gradients = start.mapValues { generator.normals($0.shape) }
      let rate = 0.02 / Double(step + 1)
      sgd.update(&bySGD, along: gradients, rate: rate, step: step)
      adam.update(&byAdam, along: gradients, rate: rate, step: step)
      for (name, gradient) in gradients {
        for index in 0..<gradient.count {
          let g = Double(gradient[index])
          sgdState[name]?[index].step(&doubles[name, default: []][index], g, rate: rate)
          adamState[name]?[index].step(&adamDoubles[name, default: []][index], g, rate: rate)
        }
      }
    }
    for name in start.keys {
      let found = try #require(bySGD[name]).scalars
      #expect(zip(found, doubles[name] ?? []).allSatisfy { abs(Double($0) - $1) < 3e-6 })
      let adapted = try #require(byAdam[name]).scalars
      #expect(zip(adapted, adamDoubles[name] ?? []).allSatisfy { abs(Double($0) - $1) < 3e-6 })
    }
    #expect(Set(sgd.state.keys) == Set(start.keys.flatMap(sgd.stateNames(for:))))
    #expect(Set(adam.state.keys) == Set(start.keys.flatMap(adam.stateNames(for:))))
  }

  @Test func theStateIsAllThatTheNextStepNeeds() {
    for kind in [SGD() as any Optimizer, SGD(nesterov: true), Adam(), AdamW()] {
      var generator = RandomKey(seed: 5).child("state").generator
      var first = kind
      var parameters = ["p": generator.normals([9])]
      first.update(&parameters, along: ["p": generator.normals([9])], rate: 0.1, step: 0)
      var second = kind
      second.state = first.state
      var copy = parameters
      let gradient = ["p": generator.normals([9])]
      first.update(&parameters, along: gradient, rate: 0.1, step: 1)
      second.update(&copy, along: gradient, rate: 0.1, step: 1)
      #expect(parameters == copy)
      var fresh = kind
      var other = copy
      fresh.update(&other, along: gradient, rate: 0.1, step: 2)
      first.update(&copy, along: gradient, rate: 0.1, step: 2)
      #expect(other != copy)
    }
  }

  @Test func constantsAreInTheDescription() {
    let optimizers: [any Optimizer] = [
      SGD(), SGD(momentum: 0.8), SGD(weightDecay: 0.1), Adam(), Adam(beta1: 0.8),
      Adam(beta2: 0.99), Adam(epsilon: 1e-4), Adam(weightDecay: 0.1), SGD(nesterov: true), AdamW(),
      AdamW(beta1: 0.8), AdamW(beta2: 0.99), AdamW(epsilon: 1e-4), AdamW(weightDecay: 0.1),
    ]
    let descriptions = optimizers.map(\.description)
    #expect(Set(descriptions).count == descriptions.count)
    // Checkpoints compare the words.
    #expect(SGD(weightDecay: 0.1).description == "sgd(momentum 0.9, weight decay 0.1)")
    #expect(SGD(nesterov: true).description == "sgd(Nesterov momentum 0.9, weight decay 0.0)")
    #expect(Adam().description == "adam(0.9, 0.999, epsilon 1e-08, weight decay 0.0)")
    #expect(AdamW().description == "adamw(0.9, 0.999, epsilon 1e-08, weight decay 0.01)")
  }
}
