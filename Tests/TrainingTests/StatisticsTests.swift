import Datasets
import Networks
import Tensors
import Testing
import Training

/// Running statistics that are measured anew.
@Suite struct StatisticsTests {
  private func network() throws -> Network {
    try Network("normalised", input: InputDescription(shape: [3, 2, 2]), seed: 2) {
      BatchNorm()
      ReLU()
      Flatten()
      Linear(4)
    }
  }

  private func data(_ count: Int, seed: UInt64 = 5) -> Dataset {
    var generator = RandomKey(seed: seed).generator
    let values: Tensor<Float> = generator.uniforms([count, 3, 2, 2])
    return Dataset(
      name: "noise", exampleShape: [3, 2, 2], values: values.scalars,
      labels: [Int](repeating: 0, count: count), classNames: ["0"], bounds: 0...1)
  }

  @Test("means and unbiased variances of batches, averaged over them; nothing else moves")
  func closedForm() async throws {
    let network = try network()
    let data = data(12)
    let measured = try await network.measuringStatistics(on: data, batch: 4)
    for channel in 0..<3 {
      var (mean, variance) = (0.0, 0.0)
      for batch in 0..<3 {
        let values = try (4 * batch..<4 * batch + 4).flatMap { example in
          try data.image(at: example).scalars[(4 * channel)..<(4 * channel + 4)].map { Double($0) }
        }
        let center = values.reduce(0, +) / 16
        mean += center / 3
        variance += values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 15 / 3
      }
      #expect(abs(Double(measured.parameters["0.running_mean"]?[channel] ?? 0) - mean) < 1e-6)
      #expect(abs(Double(measured.parameters["0.running_var"]?[channel] ?? 0) - variance) < 1e-6)
    }
    for (name, tensor) in network.parameters {
      #expect(
        (measured.parameters[name] == tensor) == !network.statisticNames.contains(name), "\(name)")
    }
    #expect(
      try await measured.measuringStatistics(on: data, batch: 4).parameters == measured.parameters)
  }

  @Test func whatCannotBeMeasuredIsRefused() async throws {
    let plain = try Network("plain", input: InputDescription(shape: [3, 2, 2]), seed: 2) {
      Flatten()
      Linear(4)
    }
    await #expect(
      throws: TrainingError.data(
        "plain: has no batch normalisation with running statistics to be measured")
    ) { try await plain.measuringStatistics(on: data(4)) }
    let network = try network()
    await #expect(throws: TrainingError.data("noise: has 1 examples; expected 2 or more")) {
      try await network.measuringStatistics(on: data(1))
    }
    await #expect(throws: TrainingError.self) {
      try await network.measuringStatistics(on: Digits.data(4))
    }
  }
}
