import Foundation
import Images
import Insight
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// Attributions of published networks; skipped where these are absent.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: Fixtures.published + "/imagenet"),
    "../shared/data is absent: no published network is explained"))
struct PublishedAttributionTests {
  /// A published network, a photograph as it takes it, and the class that it sees.
  private func request(_ network: Network, _ photograph: String) async throws -> AttributionRequest
  {
    let picture = try ImageFile.read(Fixtures.published + "/imagenet/photos/" + photograph)
    let (side, area) = (network.input.shape[1], picture.width * picture.height)
    #expect(picture.width == side && picture.height == side)
    let values = (0..<3 * area).map { place in
      Float(picture.bytes[place % area * 3 + place / area]) / 255
    }
    let input = Tensor(values, shape: [1, 3, side, side])
    let outputs = try await network.compiled().outputs(of: input)
    let label = try #require(ClassScore.prediction(of: outputs.row(0).scalars))
    return try AttributionNetworks.request(network, input, classes: [label])
  }

  @Test("the sum over MobileNetV2 is the change of the score within 1e-3, in bounded memory")
  func completeness() async throws {
    let path = Fixtures.published + "/imagenet/mobilenet_v2_1.0_224_dequant_rgb01.onnx"
    let network = try ONNXFile(path: path).network
    let request = try await request(network, "panda.png")
    let one = try await IntegratedGradients().attributions(for: request)[0]
    let balance = try #require(one.balance)
    #expect(balance.relativeGap < 1e-3, "\(balance)")
    #expect(one.remarks.contains { $0.hasPrefix("quadrature: ") })
    // The classifier is a convolution as well, but its features lie in one place.
    let features = try await GradCAM().attributions(for: request)[0]
    #expect(features.remarks.contains { $0.contains("x7x7") }, "\(features.remarks)")
    #expect(features.map.scalars.contains { $0 > 0 })
  }

  @Test("the whole way through a residual network is exact")
  func residual() async throws {
    let network = try ONNXFile(
      path: Fixtures.published + "/models/cifar_resnet20_akamaster.onnx"
    ).network
    var generator = RandomKey(seed: 1).child("blocks").generator
    // Few kinks, for the way is short.
    let blocks: Tensor<Float> = generator.uniforms([1, 3, 32, 32])
    let request = try AttributionNetworks.request(network, 0.001 * blocks, classes: [3])
    let one = try await IntegratedGradients().attributions(for: request)[0]
    #expect(one.remarks.contains { $0.hasPrefix("exact: ") }, "\(one.remarks)")
    // The change is small beside the scores, whose rounding remains.
    #expect(try #require(one.balance).gap < 5e-5)
  }
}
