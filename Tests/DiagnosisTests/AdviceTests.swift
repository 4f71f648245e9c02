import Datasets
import Diagnosis
import Engine
import Models
import Networks
import Robustness
import Tensors
import Testing

@Suite("What is advised fits what was given already", .serialized)
struct AdviceTests {
  /// What is found first of all, where the description of the colours' model is wrong.
  private func first(
    _ description: InputDescription, _ source: DescriptionSource = .init(),
    _ change: (Tensor<Float>) -> Tensor<Float> = { $0 }
  ) async throws -> Finding? {
    let (model, inputs, labels) = Planted.colours()
    var network = try Network("colours", input: InputDescription(shape: [3, 8, 8]), seed: 0) {
      Flatten()
      Linear(10)
    }
    try network.load(["1.weight": model.weights, "1.bias": model.biases])
    let described = try network.describing(description)
    return try await ModelDiagnosis.perform(
      on: CompiledNetwork(described), network: described, source: source, inputs: change(inputs),
      labels: labels
    ).findings.first
  }

  private static let shape: Shape = [3, 8, 8]

  @Test("an option that is given wrongly is to be left out")
  func leftOut() async throws {
    for (description, kind, mend) in [
      (
        InputDescription(shape: Self.shape, channelOrder: .bgr), Finding.Kind.channelOrder,
        "leave out channels bgr"
      ),
      (
        InputDescription(shape: Self.shape, networkRange: -40 ... -39), .inputRange,
        "leave out input-range"
      ),
      (
        InputDescription(
          shape: Self.shape, mean: [30, -5, 10], standardDeviation: [5, 0.1, 20]), .normalization,
        "leave out mean and std"
      ),
    ] {
      let finding = try #require(try await first(description))
      #expect(finding.kind == kind, "\(finding)")
      #expect(finding.mend.contains(mend), "\(finding)")
    }
  }

  @Test("what a file or an architecture says is not to be left out of options")
  func sources() async throws {
    let bgr = InputDescription(shape: Self.shape, channelOrder: .bgr)
    let carried = try #require(try await first(bgr, DescriptionSource(isCarried: true)))
    #expect(carried.mend.contains("the file says so itself"))
    #expect(carried.mend.contains("without channels bgr"))
    let known = try #require(try await first(bgr, DescriptionSource(given: [])))
    #expect(known.mend.contains("channels rgb") && !known.mend.contains("leave out"))
    let means = InputDescription(
      shape: Self.shape, mean: [30, -5, 10], standardDeviation: [5, 0.1, 20])
    let statistics = try #require(try await first(means, DescriptionSource(given: [])))
    #expect(statistics.mend.contains("mean 0,0,0 std 1,1,1"))
  }

  @Test("statistics that were given wrongly are noticed")
  func wrongStatistics() async throws {
    let (model, inputs, labels) = Planted.colours()
    let (means, deviations): ([Float], [Float]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    // The model as it would be had it been trained on values normalised as ImageNet's are.
    let weights = Tensor(
      model.weights.scalars.enumerated().map { $1 * deviations[$0 % 192 / 64] }, shape: [10, 192])
    let biases = (0..<10).map { row in
      (0..<192).reduce(model.biases[row]) { $0 + model.weights.row(row)[$1] * means[$1 / 64] }
    }
    var network = try Network("colours", input: InputDescription(shape: [3, 8, 8]), seed: 0) {
      Flatten()
      Linear(10)
    }
    try network.load(["1.weight": weights, "1.bias": Tensor(biases, shape: [10])])
    let wrong = try network.describing(
      InputDescription(shape: Self.shape, mean: [30, -5, 10], standardDeviation: [5, 0.1, 20]))
    let report = try await ModelDiagnosis.perform(
      on: CompiledNetwork(wrong), network: wrong, inputs: inputs, labels: labels)
    let finding = try #require(report.findings.first)
    #expect(finding.kind == .normalization, "\(report.findings)")
    // Templates are told apart without any normalisation too, which is preferred where it does no worse.
    #expect(finding.mend.contains("leave out mean and std"), "\(report.findings)")
  }

  @Test(
    "pictures upside down, mirrored and turned",
    arguments: [(true, false), (false, true), (true, true)])
  func orientation(rows: Bool, columns: Bool) async throws {
    let (network, inputs, labels) = try Planted.digits({ x in
      Planted.moved(x, to: x.shape) {
        [$0[0], $0[1], rows ? 27 - $0[2] : $0[2], columns ? 27 - $0[3] : $0[3]]
      }
    })
    let report = try await ModelDiagnosis.perform(
      on: CompiledNetwork(network), network: network, inputs: inputs, labels: labels)
    let finding = try #require(report.findings.first)
    #expect(finding.kind == .orientation, "\(report.findings)")
    let mend = rows ? (columns ? "180 degrees" : "upside down") : "left and right"
    #expect(finding.mend.contains(mend), "\(report.findings)")
  }

  @Test("labels that count the names of few classes are suspected before all else")
  func numbering() async throws {
    let (network, inputs, labels) = try Planted.digits()
    let few = labels.map { $0 == 5 ? 0 : 1 }
    func report(_ names: [String], _ labels: [Int]) async throws -> [Finding] {
      try await ModelDiagnosis.perform(
        on: CompiledNetwork(network), network: network, inputs: inputs, labels: labels,
        numberedClasses: names
      ).findings
    }
    let found = try await report(["five", "other"], few)
    #expect(found.map(\.kind) == [.labels])
    #expect(found.first?.mend.contains("labels FILE") == true)
    #expect(found.first?.evidence.contains("2 classes (five, other), numbered 0 to 1") == true)
    #expect(try await report(["zero", "one"], labels) == [])
  }

  @Test("the sample is evenly spread, the same every time, and not caught by periods")
  func positions() {
    for total in [0, 1, 255, 256, 257, 1000, 10_000, 1_000_003] {
      let positions = ModelDiagnosis.positions(among: total, size: 784)
      #expect(positions == ModelDiagnosis.positions(among: total, size: 784))
      #expect(positions.count == min(256, total))
      #expect(Set(positions).count == positions.count)
      #expect(positions == positions.sorted())
      #expect(positions.allSatisfy { 0..<max(1, total) ~= $0 })
    }
    #expect(ModelDiagnosis.positions(among: 5000, size: 150_528).count == 64)
    #expect(Set(ModelDiagnosis.positions(among: 2560, size: 784).map { $0 % 10 }).count == 10)
  }
}

@Suite("What one example without a label tells", .serialized)
struct ResponseTests {
  private func kinds(_ model: any BatchedModel, _ input: Tensor<Float>) async throws
    -> [Finding.Kind]
  {
    let report = try await ModelDiagnosis.perform(on: model, inputs: input, labels: nil)
    #expect(report.right == nil && report.count == input.shape[0])
    return report.findings.map(\.kind)
  }

  @Test("sound networks are left alone", arguments: BuiltInNetwork.allCases)
  func sound(name: BuiltInNetwork) async throws {
    let (_, inputs, _) = try Planted.digits()
    let model = try CompiledNetwork(name.load().network)
    for row in 0..<20 {
      #expect(try await kinds(model, Tensor.stacking([inputs.row(row)])) == [])
    }
  }

  @Test("probabilities, equal outputs, outputs too far apart")
  func values() async throws {
    let (model, inputs, _) = Planted.colours()
    let one = Tensor.stacking([inputs.row(0)])
    #expect(try await kinds(model, one) == [])
    let probabilities = Altered(base: model) { outputs, count in
      for row in 0..<count {
        let range = row * 10..<row * 10 + 10
        let top = range.map { outputs[$0] }.max() ?? 0
        let sum = range.reduce(0) { $0 + Float.exp(outputs[$1] - top) }
        for index in range { outputs[index] = .exp(outputs[index] - top) / sum }
      }
    }
    #expect(try await kinds(probabilities, one) == [.probabilities])
    let flat = Altered(base: model) { outputs, count in
      for index in 0..<10 * count { outputs[index] = 3 }
    }
    #expect(try await kinds(flat, one) == [.saturated])
    let wide = Altered(base: model) { outputs, count in
      for index in 0..<10 * count { outputs[index] *= 1000 }
    }
    #expect(try await kinds(wide, one) == [.saturated])
  }

  @Test("outputs that depend on the neighbours, and values far too small")
  func more() async throws {
    let (model, inputs, _) = Planted.colours()
    let one = Tensor.stacking([inputs.row(0)])
    let centred = Altered(base: model) { outputs, count in
      for output in 0..<10 {
        let mean = (0..<count).reduce(0) { $0 + outputs[10 * $1 + output] } / Float(count)
        for row in 0..<count { outputs[10 * row + output] -= mean - Float(output) }
      }
    }
    #expect(try await kinds(centred, one).contains(.batchDependence))
    // Trained on 0 to 255, with biases that stand out where values are small.
    let bytes = AffineModel(
      inputShape: [3, 8, 8], weights: model.weights.map { $0 / 255 },
      biases: Tensor((0..<10).map { Float(5 * $0) }, shape: [10]))
    #expect(try await kinds(bytes, one) == [.inputRange])
  }
}
