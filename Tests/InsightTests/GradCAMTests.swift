import Insight
import Networks
import Tensors
import Testing

/// Grad-CAM against class activation maps in closed form.
@Suite struct GradCAMTests {
  @Test("on pooled features it is the class activation map by the number of places")
  func closedForm() async throws {
    let network = try AttributionNetworks.pooledFeatures()
    let inputs = AttributionNetworks.inputs(2, for: network)
    let request = try AttributionNetworks.request(network, inputs, classes: [2, 1])
    let weight = try #require(network.parameters["weights.weight"])
    let found = try await GradCAM { $0.signed = .both }.attributions(for: request)
    for (row, one) in found.enumerated() {
      let label = request.classes[row]
      // The sum over places of w_k A_k / places is the score itself, for the last layer has no bias.
      let features = try features(of: network, inputs.row(row))
      let places = features.count / 7
      var expected = [Float](repeating: 0, count: places)
      for channel in 0..<7 {
        let factor = weight[label * 7 + channel] / Float(places)
        for place in 0..<places {
          expected[place] += factor * features[channel * places + place]
        }
      }
      #expect(abs(expected.reduce(0, +) - Float(one.value)) < 1e-5)
      let map = Tensor(enlarged(expected, from: 4, to: 8), shape: [1, 8, 8])
      #expect(relativeDifference(one.map, map) < 1e-5)
    }
    let positive = try await GradCAM().attributions(for: request)
    #expect(positive.allSatisfy { $0.map.scalars.allSatisfy { $0 >= 0 } })
  }

  /// What comes out of the second convolution and its ReLU, by loops.
  private func features(of network: Network, _ input: Tensor<Float>) throws -> [Float] {
    let first = try convolved(network, "first", input.scalars, size: 8, channels: 1, stride: 1)
    return try convolved(network, "second", first, size: 8, channels: 5, stride: 2)
  }

  private func convolved(
    _ network: Network, _ name: String, _ x: [Float], size: Int, channels: Int, stride: Int
  ) throws -> [Float] {
    let weight = try #require(network.parameters[name + ".weight"])
    let bias = try #require(network.parameters[name + ".bias"])
    let steps = size / stride
    var result: [Float] = []
    for output in 0..<weight.shape[0] {
      for row in 0..<steps {
        for column in 0..<steps {
          var sum = bias[output]
          for channel in 0..<channels {
            for (kernelRow, kernelColumn) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
              let (y, z) = (row * stride + kernelRow - 1, column * stride + kernelColumn - 1)
              guard 0..<size ~= y, 0..<size ~= z else { continue }
              sum +=
                weight[((output * channels + channel) * 3 + kernelRow) * 3 + kernelColumn]
                * x[(channel * size + y) * size + z]
            }
          }
          result.append(max(sum, 0))
        }
      }
    }
    return result
  }

  /// Bilinear interpolation by its definition: a value at the middle of each cell, and none beyond the outer ones.
  private func enlarged(_ grid: [Float], from old: Int, to new: Int) -> [Float] {
    func weights(_ index: Int) -> [Float] {
      let place = (Float(index) + 0.5) * Float(old) / Float(new) - 0.5
      let bounded = min(max(place, 0), Float(old - 1))
      return (0..<old).map { max(0, 1 - abs(Float($0) - bounded)) }
    }
    return (0..<new).flatMap { row in
      (0..<new).map { column in
        var sum: Float = 0
        for (y, first) in weights(row).enumerated() {
          for (x, second) in weights(column).enumerated() {
            sum += first * second * grid[y * old + x]
          }
        }
        return sum
      }
    }
  }

  @Test("layers are known by their names and numbers")
  func layers() async throws {
    let network = try AttributionNetworks.pooledFeatures()
    let request = try AttributionNetworks.request(
      network, AttributionNetworks.inputs(1, for: network), classes: [0])
    let byName = try await GradCAM { $0.layer = "first" }.attributions(for: request)[0]
    let byNumber = try await GradCAM { $0.layer = "1" }.attributions(for: request)[0]
    let last = try await GradCAM().attributions(for: request)[0]
    #expect(byName.map == byNumber.map && byName.map != last.map)
    #expect(last.remarks.contains { $0.contains("second") })
    for (layer, word) in [("secnd", "did you mean second?"), ("3", "expected 1 to 2")] {
      let error = await #expect(throws: AttributionError.self) {
        _ = try await GradCAM { $0.layer = layer }.attributions(for: request)
      }
      #expect(error.map { "\($0)" }?.contains(word) == true, "\(layer)")
    }
    let linear = try AttributionNetworks.linear()
    let other = try AttributionNetworks.request(
      linear, AttributionNetworks.inputs(1, for: linear), classes: [0])
    await #expect(throws: AttributionError.self) {
      _ = try await GradCAM().attributions(for: other)
    }
  }
}
