import Attacks
import Datasets
import Engine
import Foundation
import Graphs
import Models
import Networks
import Optimizers
import Robustness
import Tensors
import Testing
import Training

/// What is common to all training methods of the catalogue, and what single ones prepare.
@Suite struct MethodTests {
  /// A method with a threat that it is for.
  struct Way: CustomTestStringConvertible {
    let words: String
    var threat: String? = "linf:0.2"
    var gamma = 0.0
    var testDescription: String { words }

    func recipe() throws -> Recipe {
      let adversary = try threat.map {
        Recipe.Adversary(
          FGSM { $0.randomStart = true }, threat: try ThreatReference($0).threat(),
          description: "fgsm within \($0)")
      }
      var method = try MethodCatalogue.method(
        words, against: adversary, threatWords: threat ?? "", isAttackGiven: false
      ) { name in
        MethodHelper(try CompiledNetwork(try Digits.network(seed: 9)), words: name)
      }
      if gamma > 0 { method = AdversarialWeightPerturbation(method, gamma: gamma) }
      return Recipe(
        epochs: 2, batchSize: 8, optimizer: SGD(momentum: 0.9), schedule: .constant(rate: 0.01),
        seed: 6, method: method)
    }
  }

  static let ways = [
    Way(words: "plain", threat: nil), Way(words: "adversarial"),
    Way(words: "trades:beta=6,steps=2"),
    Way(words: "hat:helper=other,steps=2"),
    Way(words: "mart:steps=2,step-size=0.1"), Way(words: "logit-pairing:weight=0.5"),
    Way(words: "gradalign:lambda=0.2"), Way(words: "n-fgsm"), Way(words: "free:replays=3"),
    Way(words: "ibp:ramp=0.5"), Way(words: "crown-ibp:penalty=0"),
    Way(words: "sabr:steps=2,ramp=0.5"), Way(words: "mtl-ibp:steps=2,ramp=0.5,l1=1e-5"),
    Way(words: "union", threat: "linf:0.2|l2:1"),
    Way(words: "union-max", threat: "linf:0.2|l2:1"),
    Way(words: "msd:steps=2", threat: "linf:0.2|l2:1|l1:5"),
    Way(words: "spatial:draws=2", threat: "rotation:30+shift:3"),
    Way(words: "smooth-adv:steps=1,deviation=0.1", threat: "l2:1"),
    Way(words: "gaussian:deviation=0.1", threat: nil),
    Way(words: "trades:steps=1", gamma: 0.01),
  ]

  private let data = Digits.data(21)

  @Test("every method of the catalogue is here")
  func ofTheCatalogue() {
    let names = Self.ways.map { String($0.words.prefix { $0 != ":" }) }
    #expect(Set(names) == Set(MethodCatalogue.rows.map(\.name)))
  }

  @Test("a training that stops and goes on is the one that does not", arguments: ways)
  func resumes(way: Way) async throws {
    let recipe = try way.recipe()
    let start = TrainingState(try Digits.network(), recipe: recipe)
    let trainer = Trainer(recipe)
    let whole = try await trainer.train(start, on: data)
    let total = 2 * recipe.stepsPerEpoch(examples: 21)
    #expect(whole.step == total)
    #expect(whole.network.parameters.values.joinedFinite)
    let written = try JSONEncoder().encode(whole.epochs)
    #expect(try JSONDecoder().decode([EpochRecord].self, from: written) == whole.epochs)
    #expect(whole.bits["parameter 0.weight"] != start.bits["parameter 0.weight"])
    for stop in [1, total / 2 - 1, total - 1] {
      let data = data
      let part = try await Task {
        try await trainer.train(
          start, on: data,
          onStep: { if $0.step == stop { withUnsafeCurrentTask { $0?.cancel() } } })
      }.value
      #expect(part.step == stop)
      let end = try await trainer.train(Digits.reread(part, recipe, on: data), on: data)
      #expect(end.bits == whole.bits, "stopped after \(stop) steps")
    }
  }

  @Test("the ascent stays in the ball, and its divergence grows")
  func ascent() async throws {
    let network = try Digits.network()
    let model = try CompiledNetwork(network)
    let ball = try Ball(.infinity, radius: 0.1)
    let problems = try data.examples.map {
      try Problem(index: $0.index, input: $0.input, label: $0.label, threat: ball)
    }
    let runner = AttackRunner(model: model, batch: 8)
    var means: [Double] = []
    for steps in [0, 1, 10] {
      let found = try await runner.trainingInputs(
        TrainingAscent(.divergence, steps: steps), on: problems)
      var sum = 0.0
      for (problem, one) in zip(problems, found) {
        #expect(one.failure == nil)
        #expect(try problem.region.contains(one.input))
        let shape = Shape([1] + problem.input.shape.extents)
        let clean = try await model.outputs(of: problem.input.reshaped(to: shape))
        let moved = try await model.outputs(of: one.input.reshaped(to: shape))
        sum += divergence(clean.scalars, moved.scalars)
      }
      means.append(sum / Double(problems.count))
    }
    #expect(means[0] < 1e-3 * means[1])
    #expect(means[1] < means[2])
  }

  private func divergence(_ a: [Float], _ b: [Float]) -> Double {
    func logarithms(_ z: [Float]) -> [Double] {
      let sum = z.reduce(0.0) { $0 + Double.exp(Double($1)) }
      return z.map { Double($0) - Double.log(sum) }
    }
    return zip(logarithms(a), logarithms(b)).reduce(0) { $0 + Double.exp($1.0) * ($1.0 - $1.1) }
  }

  @Test("words that name no method are refused by name")
  func errors() {
    for (words, expected) in [
      ("trade", "there is no training method 'trade'"),
      ("trades:bet=6", "the training method trades has no option 'bet'"),
      ("trades:beta=-1", "the training method trades: beta is '-1'; expected 0.0 to 1000000.0"),
      ("trades:steps=2.5", "the training method trades: steps is '2.5'"),
      ("trades:beta=1,beta=2", "the training method trades is given beta twice"),
      ("plain:x=1", "the training method plain has no option 'x'; it has none"),
      ("trades:", "the training method trades has no option ''"),
      ("trades:beta", "the training method trades: beta is ''"),
      ("hat:helper=", "the training method hat: helper is empty; expected a network"),
      ("hat:helper=a,helper=b", "the training method hat is given helper twice"),
    ] {
      let error = #expect(throws: MethodError.self) { try MethodCatalogue.read(words) }
      #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }
  }

  @Test("methods and threats that do not go together are refused")
  func threats() throws {
    func make(_ words: String, _ threat: String?, isAttackGiven: Bool = false) throws {
      let adversary = try threat.map {
        Recipe.Adversary(FGSM(), threat: try ThreatReference($0).threat(), description: $0)
      }
      _ = try MethodCatalogue.method(
        words, against: adversary, threatWords: threat ?? "", isAttackGiven: isAttackGiven)
    }
    #expect(throws: MethodError.needsThreat("trades")) { try make("trades", nil) }
    #expect(throws: MethodError.needsNoThreat("plain")) { try make("plain", "linf:0.1") }
    #expect(throws: MethodError.needsCube("l2:1.0")) { try make("free", "l2:1.0") }
    for words in ["union", "union-max", "msd"] {
      #expect(throws: MethodError.noAlternatives("l2:1.0")) { try make(words, "l2:1.0") }
    }
    for words in ["sabr", "mtl-ibp"] {
      #expect(throws: MethodError.needsCube("l2:1.0")) { try make(words, "l2:1.0") }
    }
    for (words, threat) in [("msd", "linf:0.1|rotation:30"), ("smooth-adv", "rotation:30")] {
      #expect(throws: MethodError.needsBall(threat)) { try make(words, threat) }
    }
    for threat in ["linf:0.1", "rotation:30|shift:3"] {
      #expect(throws: MethodError.needsMotion(threat)) { try make("spatial", threat) }
    }
    #expect(throws: MethodError.needsNoAttack("mart")) {
      try make("mart", "linf:0.1", isAttackGiven: true)
    }
    try make("adversarial", "linf:0.1", isAttackGiven: true)
    #expect(throws: MethodError.needsHelper) { try make("hat", "linf:0.1") }
    #expect(throws: MethodError.noHelper("file")) { try make("hat:helper=file", "linf:0.1") }
  }

  @Test("another method's memory is refused")
  func memory() async throws {
    let free = try Way(words: "free:replays=3").recipe()
    var other = free
    other.method = PlainTraining()
    let start = TrainingState(try Digits.network(), recipe: free)
    let trainer = Trainer(free)
    let data = data
    let part = try await Task {
      try await trainer.train(
        start, on: data, onStep: { if $0.step == 2 { withUnsafeCurrentTask { $0?.cancel() } } })
    }.value
    // The file says that it is of the other recipe.
    let bytes = part.file(other, isFinished: false).encoded()
    let error = #expect(throws: TrainingError.self) {
      try TrainingState(
        resuming: NetworkFile(bytes: bytes, name: "file"), named: "file",
        architecture: part.network.architecture, recipe: other, data: data)
    }
    #expect(error?.description.contains("belongs to another method") == true)
  }
}

extension Dictionary<String, Tensor<Float>>.Values {
  /// Whether all numbers are finite.
  fileprivate var joinedFinite: Bool { allSatisfy { $0.scalars.allSatisfy(\.isFinite) } }
}
