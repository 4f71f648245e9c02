import Datasets
import Tensors
import Testing

/// Data sets joined from two IDX arrays.
@Suite struct DatasetIDXTests {
  private func join(_ images: [UInt32], _ labels: [UInt8]) throws -> Dataset {
    let values = (0..<images.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) }
    return try Dataset(
      name: "joined", images: IDX(idxBytes(images, values), named: "images"),
      labels: IDX(idxBytes([UInt32(labels.count)], labels), named: "labels"))
  }

  @Test(
    arguments: [
      ([2, 12], [12]), ([2, 3, 4], [1, 3, 4]), ([2, 3, 2, 2], [3, 2, 2]),
    ] as [([UInt32], Shape)])
  func examplesAreVectorsOrPlanes(extents: [UInt32], shape: Shape) throws {
    let dataset = try join(extents, [0, 1])
    #expect(dataset.exampleShape == shape)
    #expect(try dataset.image(at: 1).scalars == (12..<24).map { Float($0) / 255 })
  }

  @Test(
    arguments: [([0, 0], 2), ([1, 0], 2), ([3, 1], 4), ([255, 7], 256)] as [([UInt8], Int)])
  func theLargestLabelSetsTheClasses(labels: [UInt8], classes: Int) throws {
    let dataset = try join([2, 1], labels)
    #expect(dataset.numberOfClasses == classes)
    #expect(dataset.classNames.last == "\(classes - 1)")
    #expect(dataset.labels == labels.map(Int.init))
  }

  @Test(
    arguments: [
      ([4], [0, 0, 0, 0], "images: byte 3: found rank 1, expected images of rank 2 to 4"),
      (
        [1, 1, 1, 1, 1], [0], "images: byte 3: found rank 5, expected images of rank 2 to 4"
      ),
      (
        [0, 2, 2], [],
        "images: byte 4: the extents are 0x2x2, expected at least one image and one pixel"
      ),
      (
        [3, 2, 0], [0, 1, 2],
        "images: byte 4: the extents are 3x2x0, expected at least one image and one pixel"
      ),
      (
        [3, 2, 2], [0, 1],
        "labels: byte 4: found 2 labels, expected 3, one for each image of images"
      ),
      (
        [2, 2, 2], [0, 1, 2],
        "labels: byte 4: found 3 labels, expected 2, one for each image of images"
      ),
    ] as [([UInt32], [UInt8], String)])
  func refusesWhatDoesNotFit(images: [UInt32], labels: [UInt8], message: String) {
    let error = #expect(throws: DatasetError.self) { try join(images, labels) }
    #expect(error?.kind == .content)
    #expect(error?.description == message)
  }

  @Test func refusesLabelsOfHigherRank() throws {
    let images = try IDX(idxBytes([1, 1], [0]), named: "images")
    #expect(
      throws: DatasetError(
        .content, in: "images", at: 3, "found rank 2, expected labels of rank 1")
    ) { try Dataset(name: "joined", images: images, labels: images) }
  }

  @Test func refusesLabelsWithoutAName() throws {
    let images = try IDX(idxBytes([2, 1], [0, 0]), named: "images")
    let labels = try IDX(idxBytes([2], [0, 5]), named: "labels")
    #expect(
      throws: DatasetError(
        .content, in: "labels", "found the label 5, expected labels below 3")
    ) {
      try Dataset(name: "joined", images: images, labels: labels, classNames: ["a", "b", "c"])
    }
  }
}
