import Diagnosis
import Engine
import Evaluation
import Graphs
import Models
import Networks
import Robustness
import SoundModels
import Tensors
import Testing

@Suite("The checklist suspects what is masked, and nothing else", .serialized)
struct ChecklistSpecificityTests {
  @Test("of more than fifty sound models, none is suspected")
  func sound() async throws {
    let models = try await SoundModel.all.filter { $0.targets == .classes }
    #expect(models.count >= 50)
    for sound in models {
      let isPicture = sound.examples.shape.count > 100
      // Examples that are right say most.
      let count = min(24, sound.examples.count)
      let run = try await ChecklistRun(
        sound.model, network: sound.network, sound.examples.at(Array(0..<count)),
        radius: sound.radius, isShort: isPicture)
      let suspicious = run.checks.filter { $0.status == .suspicious }
      #expect(suspicious == [], "\(sound.name), \(run.evaluation.contributions)")
    }
  }

  // MARK: - Masks

  /// Networks without a defence.
  private static let networks = Task {
    () async throws -> [(
      name: String, network: Network, examples: SoundExamples, radius: Double
    )] in
    let digits = try SoundExamples.digits(0..<20)
    let small = try SoundExamples.smallDigits(0..<1000, side: 2)
    let standard = try BuiltInNetwork.mnistStandard.load().network
    return [
      ("standard", standard, digits, 0.15),
      ("robust", try BuiltInNetwork.mnistRobust.load().network, digits, 0.35),
      ("a perceptron", try await SoundNetworks.perceptron, digits, 0.15),
      ("convolutions", try await SoundNetworks.convolutions, digits, 0.15),
      (
        "small pictures",
        try await SoundFits.trained(
          SoundFits.perceptron([1, 14, 14], 32, 10), on: small, epochs: 8, rate: 0.005),
        small.at(0..<20), 0.15
      ),
    ]
  }

  /// A defence, and what must be suspected of it.
  private struct Mask: Sendable {
    let name: String
    let kinds: Set<Check.Kind>
    let build: @Sendable (Network) throws -> any BatchedModel
  }

  private static let masks: [Mask] = [
    Mask(name: "rounded inputs", kinds: [.zeroGradients]) {
      PreprocessedModel(try CompiledNetwork($0), behind: InputQuantization(levels: 8))
    },
    Mask(name: "a saturated softmax", kinds: [.zeroGradients, .probabilities]) {
      SoftmaxModel(try CompiledNetwork($0), temperature: 0.01)
    },
    Mask(name: "a softmax", kinds: [.probabilities]) { SoftmaxModel(try CompiledNetwork($0)) },
    Mask(name: "random sizes", kinds: [.randomized]) {
      PreprocessedModel(
        try CompiledNetwork($0), behind: RandomResize(least: 0.7), draws: .fresh(DrawCounter()))
    },
    Mask(name: "a jagged input", kinds: [.misleadingGradients]) {
      PreprocessedModel(try CompiledNetwork($0), behind: Jagged())
    },
    Mask(name: "gradients with the wrong sign", kinds: [.misleadingGradients]) {
      PreprocessedModel(try CompiledNetwork($0), behind: Backwards())
    },
    Mask(name: "work that no gradient sees", kinds: [.inference]) {
      Repeating(base: try CompiledNetwork($0))
    },
  ]

  @Test("classic masks are suspected in at least 95 of 100 networks")
  func masked() async throws {
    let networks = try await Self.networks.value
    for mask in Self.masks {
      var found = 0
      var missed: [String] = []
      for (name, network, examples, radius) in networks {
        let run = try await ChecklistRun(
          mask.build(network), examples, radius: radius, isShort: true)
        if run.suspicious.isSuperset(of: mask.kinds) {
          found += 1
        } else {
          missed.append("\(name): \(run.checks)")
        }
      }
      print("masked: \(mask.name): found \(found) of \(networks.count)")
      #expect(100 * found >= 95 * networks.count, "\(mask.name): \(missed)")
    }
  }

  @Test(
    "rounding inside of networks leaves their gradients zero", arguments: 0..<5 as Range<UInt64>)
  func stepped(seed: UInt64) async throws {
    let small = try SoundExamples.smallDigits(0..<1000, side: 2)
    let plain = try await SoundFits.trained(
      SoundFits.perceptron([1, 14, 14], 32, 10, seed: seed), on: small, epochs: 6, rate: 0.005)
    var network = try Network("rounding", input: plain.input, seed: 0) {
      Activation(.affine(factor: 5, offset: 0))
      Activation(.round)
      Activation(.affine(factor: 0.2, offset: 0))
      Flatten()
      Linear(32)
      ReLU()
      Linear(10)
    }
    var parameters: [String: Tensor<Float>] = [:]
    for (name, tensor) in plain.parameters {
      parameters[name.hasPrefix("1.") ? "4." + name.dropFirst(2) : "6." + name.dropFirst(2)] =
        tensor
    }
    try network.load(parameters)
    let run = try await ChecklistRun(
      CompiledNetwork(network), network: network, small.at(0..<20), radius: 0.15, isShort: true)
    #expect(run.suspicious.contains(.zeroGradients), "\(run.checks)")
    #expect(run.findings.isEmpty, "\(run.findings)")
  }

  @Test("a network that was distilled until its softmax saturates is told by its outputs")
  func distilled() async throws {
    for (name, network, examples, radius) in try await Self.networks.value {
      let run = try await ChecklistRun(
        ScaledModel(CompiledNetwork(network), factor: 1000), examples, radius: radius, isShort: true
      )
      #expect(run.findings.map(\.kind) == [.saturated], "\(name)")
    }
  }

  @Test("noise reaches the worst corner of few features by chance")
  func corners() async throws {
    for seed in 0..<6 as Range<UInt64> {
      let examples = SoundExamples.clouds(
        30, features: 2 + 2 * Int(seed), classes: 4, spread: 0.5, seed: 700 + seed)
      for radius in [0.05, 0.3, 1] {
        let network = try SoundFits.discriminant(examples)
        let run = try await ChecklistRun(
          CompiledNetwork(network), network: network, examples, radius: radius, isShort: false)
        #expect(run.suspicious.isEmpty, "\(seed), \(radius): \(run.checks)")
      }
    }
  }
}

/// A fine saw on every value: its slope says nothing about larger steps.
private struct Jagged: Preprocessing {
  func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> {
    x.map { $0 + 0.02 * Float.sin(3000 * $0) }
  }

  func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float> { gradient.zip(x) { $0 * (1 + 60 * Float.cos(3000 * $1)) } }
}

/// A backward pass that points the other way.
private struct Backwards: Preprocessing {
  func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float> { x }

  func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float> { gradient.map { -$0 } }
}

/// A model that computes its outputs many times over, but its gradient once.
private struct Repeating: BatchedModel {
  let base: any BatchedModel
  var inputShape: Shape { base.inputShape }
  var outputCount: Int { base.outputCount }
  var knowledge: Knowledge { .gradients }

  func evaluate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>
  ) throws {
    for _ in 0..<30 { try base.evaluate(rows, count: count, outputs: outputs) }
  }

  func differentiate(
    _ rows: UnsafeBufferPointer<Float>, count: Int, outputs: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutableBufferPointer<Float>,
    cotangents: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    try base.differentiate(
      rows, count: count, outputs: outputs, gradients: gradients, cotangents: cotangents)
  }
}
