import Corruptions
import Images
import Tensors
import TestSupport
import Testing

/// Corruptions that draw nothing, as the programs compute them that made the published data sets.
@Suite struct CorruptionFixtureTests {
  /// The levels of a file, plane after plane.
  private static func levels(_ name: String) throws -> (levels: [Int], shape: Shape) {
    let picture = try Bitmap(png: try Fixtures.bytes("corruptions/\(name).png"))
    let (channels, area) = (picture.channels.rawValue, picture.width * picture.height)
    return (
      (0..<channels * area).map { Int(picture.bytes[$0 % area * channels + $0 / area]) },
      [channels, picture.height, picture.width]
    )
  }

  @Test(arguments: TestPictures.cells.filter { !$0.row.isDrawn })
  func agrees(cell: CorruptionGrid.Cell) throws {
    let suite = cell.suite.rawValue
    let (clean, shape) = try Self.levels(suite)
    let (sheet, whole) = try Self.levels("\(suite)-\(cell.row.name)")
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    try #require(whole[1] == height * cell.row.severities(in: cell.suite).count)
    let made = try cell.corrupted(
      Tensor(clean.map { Float($0) / 255 }, shape: shape), key: RandomKey(seed: 0))
    var differing = 0
    for channel in 0..<channels {
      for place in 0..<height * width {
        let level = Int((made[channel * height * width + place] * 255).rounded())
        let expected = sheet[
          channel * whole[1] * width + (cell.severity - 1) * height * width + place]
        #expect(
          abs(level - expected) <= 1,
          "\(suite) \(cell), channel \(channel), pixel \(place): \(level), \(expected)")
        if level != expected { differing += 1 }
      }
    }
    // Where a level would be whole but for rounding, rounding down takes it either way; saturate's are often whole.
    #expect(differing <= made.count / 6, "\(suite) \(cell): \(differing) of \(made.count) differ")
  }
}
