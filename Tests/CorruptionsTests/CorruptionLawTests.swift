import Corruptions
import Tensors
import Testing

/// What every corruption has to keep.
@Suite struct CorruptionLawTests {
  @Test(
    "Pictures of any size stay bytes within 0 to 1",
    arguments: [
      [1, 1, 1], [3, 1, 1], [1, 1, 9], [3, 8, 1], [3, 2, 3], [1, 5, 4], [3, 13, 17], [1, 33, 30],
    ] as [Shape])
  func anySize(shape: Shape) throws {
    let picture = TestPictures.random(shape)
    for cell in TestPictures.cells {
      let made = try cell.corrupted(picture, key: TestPictures.key(1))
      #expect(made.shape == shape, "\(cell)")
      for value in made.scalars {
        #expect(0...1 ~= value && value == (value * 255).rounded() / 255, "\(cell): \(value)")
      }
    }
  }

  @Test("Black and white pictures come through")
  func extremes() throws {
    for level in [0, 1] as [Float] {
      let picture = Tensor(repeating: level, shape: [3, 20, 24])
      for cell in TestPictures.cells {
        let made = try cell.corrupted(picture, key: TestPictures.key(2))
        #expect(made.scalars.allSatisfy { 0...1 ~= $0 }, "\(cell) at \(level)")
      }
    }
  }

  /// Those of whose draws nothing depends.
  private static let fixed: Set<String> = [
    "defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression",
    "gaussian_blur", "saturate", "scale", "stripe", "canny_edges",
  ]

  @Test("A seed makes one picture, and other seeds others, if anything is drawn")
  func seeds() throws {
    let picture = TestPictures.scene(32)
    for cell in TestPictures.cells {
      let first = try cell.corrupted(picture, key: TestPictures.key(3))
      #expect(try cell.corrupted(picture, key: TestPictures.key(3)) == first, "\(cell)")
      let others = try (4..<12).map { try cell.corrupted(picture, key: TestPictures.key($0)) }
      #expect(
        others.allSatisfy { $0 == first } == Self.fixed.contains(cell.row.name), "\(cell)")
      #expect(cell.row.isDrawn != Self.fixed.contains(cell.row.name), "\(cell)")
    }
  }

  @Test("Threads change nothing")
  func threads() async throws {
    let picture = TestPictures.scene(24)
    let alone = try TestPictures.cells.map { try $0.corrupted(picture, key: TestPictures.key(4)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for (cell, expected) in zip(TestPictures.cells, alone).reversed() {
            let made = try cell.corrupted(picture, key: TestPictures.key(4))
            #expect(made == expected, "\(cell)")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test(
    "Each severity changes pictures more than the one below, in the mean of all corruptions",
    arguments: [(CorruptionSuite.cifar10C, 32), (.imagenetC, 96)])
  func severities(suite: CorruptionSuite, side: Int) throws {
    let picture = TestPictures.scene(side)
    let errors = try (1...5).map { severity in
      let rows = CorruptionRow.rows(of: suite)
      return try rows.reduce(0.0) { sum, row in
        let errors = try (0..<6).map { draw in
          TestPictures.error(
            picture,
            try row.corrupted(
              picture, severity: severity, in: suite, key: TestPictures.key(draw)))
        }
        return sum + errors.reduce(0, +) / Double(errors.count * rows.count)
      }
    }
    for (milder, stronger) in zip(errors, errors.dropFirst()) { #expect(milder < stronger) }
    #expect(errors[0] > 1e-4)
  }

  @Test(
    "Grey pictures are corrupted as colours that are grey, where nothing is drawn for each channel")
  func grey() throws {
    let grey = TestPictures.scene(32, channels: 1)
    let color = Tensor(grey.scalars + grey.scalars + grey.scalars, shape: [3, 32, 32])
    for cell in TestPictures.cells
    where [
      "contrast", "gaussian_blur", "pixelate", "zoom_blur", "defocus_blur", "motion_blur", "fog",
      "snow", "brightness",
    ]
    .contains(cell.row.name) {
      let one = try cell.corrupted(grey, key: TestPictures.key(5))
      let three = try cell.corrupted(color, key: TestPictures.key(5))
      for channel in 0..<3 {
        for place in 0..<grey.count {
          #expect(
            abs(three[channel * grey.count + place] - one[place]) < 1.5 / 255, "\(cell) \(place)")
        }
      }
    }
  }
}
