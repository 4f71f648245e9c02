import Foundation
import Images
import Insight
import Networks
import Tensors
import Testing

/// Methods in words, records of attributions, and their pictures.
@Suite struct AttributionWordsTests {
  @Test("settings go through words", arguments: AttributionCatalogue.rows.map(\.name))
  func words(name: String) throws {
    let row = try AttributionCatalogue.row(named: name)
    let standard = row.kind.init()
    #expect(
      standard.settings
        == Dictionary(uniqueKeysWithValues: row.options.map { ($0.name, $0.standard) }))
    let text = name + ":" + row.options.map { "\($0.name)=\($0.standard)" }.joined(separator: ",")
    let read = try AttributionCatalogue.method(row.options.isEmpty ? name : text)
    #expect(read.settings == standard.settings)
    #expect(row.options.allSatisfy { !$0.summary.isEmpty && !$0.expectation.isEmpty })
  }

  @Test(
    "what is wrong with words is said",
    arguments: [
      ("gradcam", "did you mean grad-cam?"), ("smoothgrad:sample=3", "did you mean samples?"),
      ("smoothgrad:samples=0", "expected a whole number from 1"),
      ("smoothgrad:samples=3,samples=4", "twice"), ("gradient:x=1", "it has none"),
      ("integrated-gradients:baseline=black", "expected a number, mean, blur"),
      ("lrp:rule=alpha", "expected epsilon or gamma"), ("", "there is no attribution method ''"),
      ("rise:masks", "masks is ''"),
    ])
  func errors(words: String, part: String) {
    let error = #expect(throws: AttributionError.self) { try AttributionCatalogue.method(words) }
    let line = error.map { "\($0)" } ?? ""
    #expect(line.contains(part) && line.count < 200, "\(line)")
  }

  @Test("attributions go through JSON")
  func coded() async throws {
    let network = try AttributionNetworks.linear()
    let request = try AttributionNetworks.request(
      network, AttributionNetworks.inputs(1, for: network), classes: [1])
    let one = try await IntegratedGradients().attributions(for: request)[0]
    let again = try JSONDecoder().decode(Attribution.self, from: JSONEncoder().encode(one))
    #expect(again == one && again.balance != nil)
  }

  @Test("requests must fit the model")
  func requests() throws {
    let network = try AttributionNetworks.linear()
    let inputs = AttributionNetworks.inputs(2, for: network)
    for classes in [[0], [0, 3], [0, -1], []] {
      #expect(throws: AttributionError.self) {
        try AttributionNetworks.request(network, inputs, classes: classes)
      }
    }
  }

  @Test("red speaks for the class, blue against it, and zero leaves the grey picture")
  func pictures() async throws {
    let network = try AttributionNetworks.linear()
    var sign = network
    let weights = (0..<64).map { Float($0 == 9 ? 1 : $0 == 18 ? -1 : 0) }
    try sign.load(["1.weight": Tensor(weights + weights + weights, shape: [3, 64])])
    let input = Tensor<Float>(repeating: 0.5, shape: [1, 1, 8, 8])
    let request = try AttributionNetworks.request(sign, input, classes: [0])
    let one = try await GradientTimesInput().attributions(for: request)[0]
    let picture = try #require(AttributionPicture(one, over: input.row(0), bounds: 0...1))
    func pixel(_ place: Int) -> [Int] {
      picture.bitmap.pixel(x: place % 8, y: place / 8).map { Int($0) }
    }
    #expect(pixel(9)[0] > pixel(9)[2] + 60 && pixel(18)[2] > pixel(18)[0] + 60)
    #expect(Set(pixel(0)).count == 1)
    let png = try ImageFile.decode(picture.png(), name: "map")
    #expect(png.width == 256 && png.height == 256)
    #expect(AttributionPicture(one, over: Tensor(repeating: 0, shape: [64]), bounds: 0...1) == nil)
  }
}
