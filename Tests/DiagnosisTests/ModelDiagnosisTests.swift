import Datasets
import Diagnosis
import Engine
import Foundation
import Models
import Networks
import Robustness
import Synchronization
import Tensors
import Testing

@Suite("The examination finds what was planted, and nothing where nothing is wrong", .serialized)
struct ModelDiagnosisTests {
  private func kinds(
    _ network: Network, _ inputs: Tensor<Float>, _ labels: [Int]
  ) async throws -> ModelDiagnosis {
    try await ModelDiagnosis.perform(
      on: CompiledNetwork(network), network: network, inputs: inputs, labels: labels)
  }

  @Test("nothing", arguments: BuiltInNetwork.allCases)
  func sound(name: BuiltInNetwork) async throws {
    let (_, inputs, labels) = try Planted.digits()
    let report = try await kinds(name.load().network, inputs, labels)
    #expect(report.findings == [])
    #expect(report.count == 200)
    #expect(try #require(report.right) > 190)
  }

  /// What is done to the digits, the kind of mistake that it is, and a part of the mend.
  static let changes: [(@Sendable (Float) -> Float, Finding.Kind, String)] = [
    ({ $0 / 255 }, .inputRange, "divided by 255 twice: multiply them by 255"),
    ({ 0.2 * $0 }, .inputRange, "no value is larger than 0.2"),
    ({ 255 * $0 }, .inputRange, "divide the data by 255"),
    ({ ($0 + 1) / 2 }, .inputRange, "input-range -1:1"),
    ({ 1 - $0 }, .inputRange, "invert the data"),
    ({ $0 * 0.3081 + 0.1307 }, .normalization, "mean 0.1307 std 0.3081"),
    ({ ($0 - 0.1307) / 0.3081 }, .normalization, "normalised twice"),
  ]

  @Test("values in other units", arguments: changes.indices)
  func units(index: Int) async throws {
    let (change, kind, mend) = Self.changes[index]
    let (network, inputs, labels) = try Planted.digits({ $0.map(change) })
    let report = try await kinds(network, inputs, labels)
    // Small changes of units harm some networks little, and a sound accuracy is no reason to warn; but what is
    // too large may leave the cross-entropy without a gradient.
    guard let right = report.right, Double(right) < 0.9 * 200 else {
      #expect(report.findings.allSatisfy { $0.kind == .saturated })
      return
    }
    let finding = try #require(report.findings.first)
    #expect(finding.kind == kind, "\(finding)")
    #expect(finding.mend.contains(mend), "\(finding)")
  }

  @Test("of a single class no change of the input is advised, and that it is never said is told")
  func singleClass() async throws {
    let (network, inputs, labels) = try Planted.digits({ $0.map { $0 / 255 } })
    for label in 0..<10 {
      let places = labels.indices.filter { labels[$0] == label }
      // More of them than there are, so that there are enough for a judgement.
      let chosen = (0..<60).map { places[$0 % places.count] }
      let report = try await kinds(
        network, .stacking(chosen.map { inputs.row($0) }), chosen.map { labels[$0] })
      let right = try #require(report.right)
      #expect(
        report.findings.map(\.kind) == (right == 0 ? [.nearChance] : []), "\(label): \(right)")
    }
  }

  @Test("labels in another order are not said to count from 1")
  func turnedLabels() async throws {
    let (network, inputs, labels) = try Planted.digits()
    let report = try await kinds(network, inputs, labels.map { ($0 + 1) % 10 })
    let finding = try #require(report.findings.first)
    #expect(finding.kind == .labels && finding.mend.contains("in another order"), "\(finding)")
    let shifted = try await kinds(network, inputs, labels.map { $0 + 1 })
    #expect(shifted.findings.first?.mend.contains("count from 1") == true)
  }

  @Test("a description that normalises once too often, or scales")
  func descriptions() async throws {
    let (network, inputs, labels) = try Planted.digits()
    for (description, mend) in [
      (
        InputDescription(shape: [1, 28, 28], mean: [30], standardDeviation: [0.05]),
        "leave out mean and std"
      ), (InputDescription(shape: [1, 28, 28], networkRange: -100...0), "leave out input-range"),
    ] {
      let report = try await kinds(try network.describing(description), inputs, labels)
      let finding = try #require(report.findings.first)
      #expect(finding.mend.contains(mend), "\(report.findings)")
    }
  }

  @Test("pictures on their side")
  func transposed() async throws {
    let (network, inputs, labels) = try Planted.digits({ x in
      Planted.moved(x, to: x.shape) { [$0[0], $0[1], $0[3], $0[2]] }
    })
    let report = try await kinds(network, inputs, labels)
    #expect(report.findings.first?.kind == .layout)
    #expect(report.findings.first?.mend.contains("on their side") == true)
  }

  @Test("labels from 1, and outputs with a class before the first", arguments: [1, -1])
  func shiftedLabels(shift: Int) async throws {
    let (network, inputs, labels) = try Planted.digits(labels: { $0 + shift })
    let report = try await kinds(network, inputs, labels)
    #expect(report.findings.first?.kind == .labels)
    #expect(report.findings.first?.mend.contains(shift == 1 ? "subtract 1" : "add 1") == true)
  }

  @Test("outputs that two labels share are no other order of the labels")
  func noOrder() async throws {
    let (network, inputs, labels) = try Planted.digits()
    // As a shift of all outputs does it: 0 is told as 1, 1 as 2, and 2 as 2 still.
    let chosen = labels.indices.filter { labels[$0] < 3 }
    let model = RelabelledModel(model: try CompiledNetwork(network), outputs: [1, 2, 2])
    let report = try await ModelDiagnosis.perform(
      on: model, inputs: .stacking(chosen.map { inputs.row($0) }), labels: chosen.map { labels[$0] }
    )
    #expect(!report.findings.contains { $0.kind == .labels }, "\(report.findings)")
  }

  @Test("labels that have nothing to do with the examples")
  func chance() async throws {
    let (network, inputs, labels) = try Planted.digits()
    let report = try await kinds(network, inputs, labels.reversed())
    #expect(report.findings.map(\.kind) == [.nearChance])
  }

  @Test("colours and axes in another order")
  func order() async throws {
    let (model, inputs, labels) = Planted.colours()
    let reversed = Planted.moved(inputs, to: inputs.shape) { [$0[0], 2 - $0[1], $0[2], $0[3]] }
    let last = Planted.moved(inputs, to: [200, 8, 8, 3]) { [$0[0], $0[3], $0[1], $0[2]] }
      .reshaped(to: inputs.shape)
    let cases: [(Tensor<Float>, Finding.Kind, String)] = [
      (reversed, .channelOrder, "channels bgr"), (last, .layout, "N x C x H x W"),
    ]
    #expect(
      try await ModelDiagnosis.perform(on: model, inputs: inputs, labels: labels).findings == [])
    for (planted, kind, mend) in cases {
      let report = try await ModelDiagnosis.perform(on: model, inputs: planted, labels: labels)
      #expect(report.findings.first?.kind == kind, "\(report.findings)")
      #expect(report.findings.first?.mend.contains(mend) == true, "\(report.findings)")
    }
  }

  @Test("two mistakes at once are both named")
  func two() async throws {
    let (model, inputs, labels) = Planted.colours()
    let planted = Planted.moved(inputs, to: inputs.shape) { [$0[0], 2 - $0[1], $0[2], $0[3]] }
      .map { 1 - $0 }
    let report = try await ModelDiagnosis.perform(on: model, inputs: planted, labels: labels)
    #expect(
      Set(report.findings.prefix(2).map(\.kind)) == [.inputRange, .channelOrder],
      "\(report.findings)")
  }

  @Test("probabilities, of several classes and of one")
  func probabilities() async throws {
    let (network, inputs, labels) = try Planted.digits()
    let base = try CompiledNetwork(network)
    let softmax = Altered(base: base) { outputs, count in
      for row in 0..<count {
        let range = row * 10..<row * 10 + 10
        let top = range.map { outputs[$0] }.max() ?? 0
        let sum = range.reduce(0) { $0 + Float.exp(outputs[$1] - top) }
        for index in range { outputs[index] = .exp(outputs[index] - top) / sum }
      }
    }
    let report = try await ModelDiagnosis.perform(on: softmax, inputs: inputs, labels: labels)
    #expect(report.findings.map(\.kind) == [.probabilities])
    let (model, colours, _) = Planted.colours()
    let single = AffineModel(
      inputShape: [3, 8, 8], weights: model.weights.row(0).reshaped(to: [1, 192]),
      biases: Tensor([-40], shape: [1]))
    let sigmoid = Altered(base: single) { outputs, count in
      for row in 0..<count { outputs[row] = 1 / (1 + .exp(-outputs[row])) }
    }
    let other = try await ModelDiagnosis.perform(
      on: sigmoid, inputs: colours, labels: (0..<200).map { $0 % 2 })
    #expect(other.findings.contains { $0.kind == .probabilities })
  }

  @Test("outputs that change from call to call, or with the batch")
  func unsteady() async throws {
    let (model, inputs, labels) = Planted.colours()
    let calls = Counter()
    let noisy = Altered(base: model) { outputs, _ in outputs[0] += Float(calls.next()) }
    let report = try await ModelDiagnosis.perform(on: noisy, inputs: inputs, labels: labels)
    #expect(report.findings.contains { $0.kind == .unsteady })
    let centred = Altered(base: model) { outputs, count in
      for output in 0..<10 {
        let mean = (0..<count).reduce(0) { $0 + outputs[10 * $1 + output] } / Float(count)
        for row in 0..<count { outputs[10 * row + output] -= mean }
      }
    }
    let other = try await ModelDiagnosis.perform(on: centred, inputs: inputs, labels: labels)
    #expect(other.findings.contains { $0.kind == .batchDependence })
  }

  @Test("numbers that are none")
  func notFinite() async throws {
    var (network, inputs, labels) = try Planted.digits()
    var parameters = network.parameters
    // A later one: ReLUs make numbers of NaN.
    let name = try #require(network.parameterNames.last)
    parameters[name]?[3] = .nan
    try network.load(parameters)
    let report = try await kinds(network, inputs, labels)
    #expect(report.findings.map(\.kind) == [.notFinite, .notFinite])
    #expect(report.findings[0].evidence.contains(name))
  }

  @Test("running statistics that do not belong to the weights, or were never measured")
  func statistics() async throws {
    let (model, inputs, labels) = Planted.colours()
    let fresh = try Network("test", input: InputDescription(shape: [3, 8, 8]), seed: 0) {
      Flatten()
      Linear(10)
      BatchNorm()
    }
    var parameters = fresh.parameters
    parameters["1.weight"] = model.weights
    parameters["1.bias"] = model.biases
    var network = fresh
    try network.load(parameters)
    let initial = try await kinds(network, inputs, labels)
    #expect(initial.findings.map(\.kind) == [.batchNormalization])
    #expect(initial.findings[0].evidence.contains("as before any training"))
    parameters["2.running_mean"] = Tensor((0..<10).map { Float(5 * $0) }, shape: [10])
    try network.load(parameters)
    let stale = try await kinds(network, inputs, labels)
    #expect(stale.findings.contains { $0.kind == .batchNormalization }, "\(stale.findings)")
  }

  @Test("a regression's labels are no classes")
  func regression() async throws {
    let (model, inputs, _) = Planted.colours()
    let single = AffineModel(
      inputShape: [3, 8, 8], weights: model.weights.row(0).reshaped(to: [1, 192]),
      biases: Tensor([0], shape: [1]))
    let report = try await ModelDiagnosis.perform(
      on: single, inputs: inputs, labels: (0..<200).map { $0 })
    #expect(report.right == nil)
    #expect(report.findings == [])
  }

  /// Counts calls.
  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }
}
