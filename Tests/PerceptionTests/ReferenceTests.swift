import JSON
import Perception
import Tensors
import Testing

/// Every measure against scikit-image, and MS-SSIM against its published formula.
@Suite struct ReferenceTests {
  @Test func theFixtureIsThere() {
    #expect(FormulaPictures.all.count == 9)
    #expect(FormulaPictures.fixture["colors"]?.arrayValue?.count == 16)
  }

  @Test(arguments: FormulaPictures.all)
  func allMeasures(of pair: FormulaPictures) throws {
    let expected = try #require(pair.expected["measures"])
    let difference = try ImageDifference(from: pair.first, to: pair.second)
    #expect(difference.pixels == expected["pixels"]?.intValue)
    #expect(difference.scales == expected["scales"]?.intValue)
    #expect(isClose(difference.sum, expected["sum"]))
    #expect(isClose(difference.length, expected["length"]))
    #expect(isClose(difference.largest, expected["largest"]))
    #expect(isClose(difference.rootMeanSquare, expected["root_mean_square"]))
    #expect(isClose(difference.peakSignalToNoise, expected["psnr"]))
    #expect(isClose(difference.meanColorDifference, expected["mean_color_difference"]))
    #expect(isClose(difference.largestColorDifference, expected["largest_color_difference"]))
    if difference.scales == 0 {
      #expect(difference.structuralSimilarity == nil && difference.multiScaleSimilarity == nil)
    } else {
      #expect(isClose(difference.structuralSimilarity, expected["ssim"]))
      #expect(isClose(difference.multiScaleSimilarity, expected["ms_ssim"]))
    }
  }

  @Test(arguments: FormulaPictures.all.filter { $0.shape[1] >= 11 && $0.shape[2] >= 11 })
  func otherOptions(of pair: FormulaPictures) throws {
    var uniform = StructuralSimilarity()
    uniform.window = .uniform(size: 7)
    uniform.usesSampleCovariance = true
    let flat = try uniform.similarity(of: pair.first, and: pair.second)
    #expect(isClose(flat, pair.expected["uniform_7"]))
    var narrow = StructuralSimilarity()
    narrow.window = .gaussian(deviation: 1)
    narrow.usesSampleCovariance = true
    #expect(narrow.windowSize == 9)
    let sharp = try narrow.similarity(of: pair.first, and: pair.second)
    #expect(isClose(sharp, pair.expected["gaussian_1"]))
  }

  @Test func publishedPairsOfColors() throws {
    // The fourth decimal as Sharma, Wu and Dalal print it.
    let published = [
      2.0425, 2.8615, 3.4412, 1, 2.3669, 7.1792, 7.1792, 7.2195, 4.8045, 4.3065, 27.1492, 22.8977,
      1.2644, 2.0373, 1.4441, 0.9082,
    ]
    let pairs = try #require(FormulaPictures.fixture["colors"]?.arrayValue)
    for (pair, value) in zip(pairs, published) {
      func color(_ name: String) -> LabColor {
        let parts = pair[name]?.arrayValue?.compactMap(\.doubleValue) ?? []
        return LabColor(lightness: parts[0], a: parts[1], b: parts[2])
      }
      let difference = ColorDifference.between(color("first"), color("second"))
      #expect(isClose(difference, pair["difference"]))
      #expect(abs(difference - value) < 6e-5)
      let back = ColorDifference.between(color("second"), color("first"))
      #expect(abs(difference - back) < 1e-9)
    }
  }
}
