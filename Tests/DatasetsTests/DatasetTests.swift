import Datasets
import Tensors
import Testing

@Suite struct DatasetTests {
  /// Five examples of 1x2x3; the example `n` holds the bytes 50 n to 50 n + 5.
  let dataset = Dataset(
    name: "five", exampleShape: [1, 2, 3],
    bytes: (0..<5).flatMap { example in (0..<6).map { UInt8(50 * example + $0) } },
    labels: [2, 0, 1, 1, 0], classNames: ["a", "b", "c", "d"])

  @Test func describesItself() {
    #expect(dataset.count == 5)
    #expect(dataset.numberOfClasses == 4)
    #expect(dataset.labels == [2, 0, 1, 1, 0])
    #expect(dataset.bounds == 0...1)
  }

  @Test func aByteIsTheNearestFloat() throws {
    let dataset = Dataset(
      name: "bytes", exampleShape: [256], bytes: Array(0...255), labels: [0], classNames: ["a"])
    let expected = (0...255).map { Float(Double($0) / 255) }
    #expect(try dataset.image(at: 0) == Tensor(expected, shape: [256]))
  }

  @Test func examplesKeepTheirIndex() throws {
    let part = dataset.subset(1..<5).subset(offset: 1, count: 2)
    #expect(part.count == 2)
    #expect(part.labels == [1, 1])
    #expect(try part.examples == dataset.examples(2..<4))
    #expect(try part.examples.map(\.index) == [2, 3])
    #expect(try part.example(at: 1).input[4] == Float(154) / 255)
  }

  @Test(arguments: [(0, nil, 0..<5), (3, nil, 3..<5), (3, 7, 3..<5), (9, 2, 5..<5), (1, 0, 1..<1)])
  func subsetEndsWithTheWhole(offset: Int, count: Int?, indices: Range<Int>) {
    #expect(dataset.subset(offset: offset, count: count).indices == indices)
  }

  @Test func batchesHoldTheExamplesInOrder() throws {
    let part = dataset.subset(1..<5)
    let positions = [3, 0, 3]
    let batch = try part.inputs(at: positions)
    #expect(try batch == Tensor.stacking(positions.map(part.image(at:))))
    #expect(batch.shape == [3, 1, 2, 3])
    #expect(batch[0] == Float(200) / 255)
    #expect(part.labels(at: positions) == [0, 0, 0])
    #expect(part.labels(at: [1, 2]) == [1, 1])
    #expect(part.labels(at: [0, 1]) == [0, 1])
  }

  @Test func copiesIntoTheGivenBufferOnly() throws {
    var values = [Float](repeating: -1, count: 14)
    try values.withUnsafeMutableBufferPointer { buffer in
      try dataset.copyInputs(at: [4, 0], to: UnsafeMutableBufferPointer(rebasing: buffer[1..<13]))
    }
    let expected = try dataset.image(at: 4).scalars + dataset.image(at: 0).scalars
    #expect(values == [-1] + expected + [-1])
  }

  @Test func holdsFloatsAsTheyAre() throws {
    let dataset = Dataset(
      name: "floats", exampleShape: [2], values: [-1, 0.1, 0.25, 2], labels: [0, 1],
      classNames: ["a", "b"], bounds: -1...2)
    #expect(try dataset.image(at: 1).scalars == [0.25, 2])
    #expect(try dataset.inputs(at: [1, 0]).scalars == [0.25, 2, -1, 0.1])
    #expect(dataset.bounds == -1...2)
  }
}

@Suite struct HeldOutTests {
  /// Of 60 examples the first 40 have the class 0, and the last 20 the class 1; each holds its index.
  private let data = Dataset(
    name: "sorted", exampleShape: [1], values: (0..<60).map(Float.init),
    labels: Array(repeating: 0, count: 40) + Array(repeating: 1, count: 20),
    classNames: ["a", "b"], bounds: 0...60)

  @Test func eachClassGivesItsShare() throws {
    let (others, heldOut) = data.holdingOut(6)
    #expect(others.count == 54 && heldOut.count == 6)
    #expect(heldOut.labels.count { $0 == 0 } == 4)
    // A part of the part is of both classes as well.
    #expect(Set(heldOut.subset(offset: 0, count: 3).labels) == [0, 1])
    let all = try (others.examples + heldOut.examples).map(\.index).sorted()
    #expect(all == Array(0..<60))
    for example in try heldOut.examples {
      #expect(example.input[0] == Float(example.index))
      #expect(example.label == (example.index < 40 ? 0 : 1))
    }
    #expect(try others.examples.map(\.index) == (try others.examples.map(\.index)).sorted())
    #expect(others.targets.count == 54)
  }

  @Test func itIsTheSameEachTime() throws {
    #expect(
      try data.holdingOut(6).heldOut.examples.map(\.index)
        == data.holdingOut(6).heldOut.examples.map(\.index))
    #expect(try data.holdingOut(6).others.checksum() == data.holdingOut(6).others.checksum())
    #expect(try data.holdingOut(6).others.checksum() != data.holdingOut(7).others.checksum())
    #expect(
      try data.holdingOut(6).others.checksum() != data.subset(offset: 0, count: 54).checksum())
    let (all, none) = data.holdingOut(0)
    #expect(all.count == 60 && none.count == 0)
  }

  @Test func aPartOfASelectionKeepsItsIndices() throws {
    let part = data.selection([59, 3, 41]).subset(offset: 1)
    #expect(part.labels == [0, 1] && part.label(at: 1) == 1)
    #expect(try part.examples.map(\.index) == [3, 41])
    #expect(part.selection([1]).index(at: 0) == 41)
  }
}
