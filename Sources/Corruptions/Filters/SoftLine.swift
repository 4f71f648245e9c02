import Tensors

/// Lines with soft sides over a picture, told in the places of one of 28 x 28 and as much larger on others.
struct SoftLine {
  /// The brightness of each pixel, from 0 to 1.
  private(set) var brightness: [Float]
  private let height: Int
  private let width: Int

  /// No line on a picture.
  init(on picture: Picture) {
    (height, width) = (picture.height, picture.width)
    brightness = [Float](repeating: 0, count: height * width)
  }

  /// Where a row or column of the picture lies among 28.
  private static func place(_ index: Int, of count: Int) -> Double {
    count > 1 ? Double(index) * 27 / Double(count - 1) : 0
  }

  /// Adds a line from left to right, up to a brightness of 1.
  ///
  /// - Parameters:
  ///   - start: Its first place.
  ///   - end: Its last place.
  ///   - isDrawn: Whether there is something of the line in a column.
  mutating func add(
    from start: SIMD2<Double>, to end: SIMD2<Double>,
    where isDrawn: (Double) -> Bool = { _ in true }
  ) {
    guard start.x != end.x else { return }
    let slope = (end.y - start.y) / (end.x - start.x)
    for column in 0..<width {
      let x = SoftLine.place(column, of: width)
      guard x >= start.x.rounded(.down), x < end.x.rounded(.up), isDrawn(x) else { continue }
      let y = slope * (x - start.x) + start.y
      for row in 0..<height {
        let distance = min(abs(SoftLine.place(row, of: height) - y), 2.3 - 1e-10)
        let level = min(max(Double.log(1 - distance / 2.3) + 1, 0), 1)
        let index = row * width + column
        brightness[index] = min(brightness[index] + Float(level), 1)
      }
    }
  }

  /// Lays the lines over every channel.
  func draw(on picture: inout Picture) {
    for index in picture.levels.indices {
      picture.levels[index] += 255 * brightness[index % picture.area]
    }
  }
}
