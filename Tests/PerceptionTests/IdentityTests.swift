import Perception
import Tensors
import Testing

/// What holds of every measure, whatever the pictures, and what is refused.
@Suite struct IdentityTests {
  @Test(arguments: FormulaPictures.all)
  func aPictureIsLikeItself(pair: FormulaPictures) throws {
    let difference = try ImageDifference(from: pair.second, to: pair.second)
    #expect(difference.pixels == 0 && difference.sum == 0 && difference.length == 0)
    #expect(difference.largest == 0 && difference.rootMeanSquare == 0)
    #expect(difference.peakSignalToNoise == .infinity)
    #expect(difference.meanColorDifference == 0 && difference.largestColorDifference == 0)
    let hasRoom = min(pair.shape[1], pair.shape[2]) >= 11
    #expect(difference.structuralSimilarity == (hasRoom ? 1 : nil))
    #expect(difference.multiScaleSimilarity == (hasRoom ? 1 : nil))
  }

  @Test(arguments: FormulaPictures.all)
  func measuresAreSymmetric(pair: FormulaPictures) throws {
    let there = try ImageDifference(from: pair.first, to: pair.second)
    let back = try ImageDifference(from: pair.second, to: pair.first)
    #expect(there.length == back.length && there.pixels == back.pixels)
    #expect(there.structuralSimilarity == back.structuralSimilarity)
    #expect(abs(there.meanColorDifference - back.meanColorDifference) < 1e-9)
  }

  @Test(arguments: FormulaPictures.all)
  func lengthsAreOrdered(pair: FormulaPictures) throws {
    let difference = try ImageDifference(from: pair.first, to: pair.second)
    let count = Double(pair.first.count)
    #expect(difference.largest <= difference.length && difference.length <= difference.sum)
    #expect(difference.sum <= count.squareRoot() * difference.length * (1 + 1e-12))
    let length = difference.rootMeanSquare * count.squareRoot()
    #expect(abs(difference.length - length) < 1e-12 * count)
  }

  @Test func similarityFallsAsAChangeGrows() throws {
    let pair = FormulaPictures.all[1]
    let change = pair.second - pair.first
    let measures = try [0, 0.25, 0.5, 0.75, 1].map { share in
      try ImageDifference(
        from: pair.first,
        to: pair.first.advanced(by: share, along: change).map { min(max($0, 0), 1) })
    }
    for (less, more) in zip(measures, measures.dropFirst()) {
      #expect(less.peakSignalToNoise > more.peakSignalToNoise)
      #expect(try #require(less.structuralSimilarity) > #require(more.structuralSimilarity))
      #expect(try #require(less.multiScaleSimilarity) > #require(more.multiScaleSimilarity))
      #expect(less.meanColorDifference < more.meanColorDifference)
    }
  }

  @Test func blackAndWhite() throws {
    let black = Tensor<Float>(repeating: 0, shape: [1, 16, 16])
    let white = Tensor<Float>(repeating: 1, shape: [1, 16, 16])
    let difference = try ImageDifference(from: black, to: white)
    #expect(difference.peakSignalToNoise == 0 && difference.pixels == 256)
    // Without contrast SSIM is C1 / (1 + C1).
    #expect(abs(try #require(difference.structuralSimilarity) - 0.0001 / 1.0001) < 1e-12)
    #expect(abs(difference.meanColorDifference - 100) < 1e-3)
  }

  @Test func scalesFollowFromTheSize() {
    #expect(
      [10, 11, 21, 22, 43, 44, 88, 175, 176, 4000].map {
        MultiScaleSimilarity.scales(forSide: $0)
      } == [0, 1, 1, 2, 2, 3, 4, 4, 5, 5])
    #expect(MultiScaleSimilarity.leastSide(scales: 5) == 176)
  }

  @Test func whatIsRefused() {
    func error(
      _ first: Tensor<Float>, _ second: Tensor<Float>
    ) -> PerceptionError? {
      do throws(PerceptionError) { _ = try ImageDifference(from: first, to: second) } catch {
        return error
      }
      return nil
    }
    let plain = Tensor<Float>.zeros([1, 12, 12])
    #expect(error(plain, .zeros([1, 12, 13])) == .shapes([1, 12, 12], [1, 12, 13]))
    #expect(error(.zeros([144]), .zeros([144])) == .picture([144]))
    #expect(error(.zeros([2, 12, 12]), .zeros([2, 12, 12])) == .picture([2, 12, 12]))
    #expect(error(.zeros([1, 0, 12]), .zeros([1, 0, 12])) == .picture([1, 0, 12]))
    var high = plain
    high[3] = 1.5
    #expect(error(plain, high) == .value(1.5, coordinate: 3))
    high[3] = .nan
    guard case .value(_, coordinate: 3) = error(high, plain) else {
      Issue.record("a value that is not a number is refused")
      return
    }
    #expect(throws: PerceptionError.side(measure: "MS-SSIM of 5 scales", side: 12, least: 176)) {
      try MultiScaleSimilarity().similarity(of: plain, and: plain)
    }
    #expect(throws: PerceptionError.side(measure: "SSIM", side: 1, least: 11)) {
      try StructuralSimilarity().similarity(of: .zeros([1, 1, 1]), and: .zeros([1, 1, 1]))
    }
  }
}
