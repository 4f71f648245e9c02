import Tensors

/// The places of an input as rows and columns, channel by channel.
///
/// C x H x W and H x W are pictures. Other values are laid out row by row on the nearest square, whose last row
/// may be cut short; a picture of one row or column is, too.
struct SquareGrid: Sendable, Hashable {
  let channels: Int
  let height: Int
  let width: Int
  /// The number of places of a channel.
  let area: Int

  init(_ shape: Shape) {
    var extents = shape.extents
    if extents.count == 2 { extents.insert(1, at: 0) }
    if extents.count == 3, extents[1] > 1, extents[2] > 1 {
      (channels, height, width) = (extents[0], extents[1], extents[2])
      area = height * width
    } else {
      channels = extents.count == 3 ? extents[0] : 1
      area = shape.count / max(channels, 1)
      let side = max(1, Int(Double(area).squareRoot().rounded(.up)))
      width = side
      height = max(1, (area + side - 1) / side)
    }
  }

  /// A square window.
  struct Window: Sendable, Hashable {
    let row: Int
    let column: Int
    let size: Int

    func contains(row: Int, column: Int) -> Bool {
      row >= self.row && row < self.row + size && column >= self.column
        && column < self.column + size
    }
  }

  /// The side of a window that covers a share of the grid.
  func side(covering share: Double) -> Int {
    let side = Int((share * Double(area)).squareRoot().rounded(.toNearestOrEven))
    return min(max(side, 1), min(height, width))
  }

  /// A window anywhere.
  func window(_ size: Int, using randomness: inout Philox) -> Window {
    Window(
      row: randomness.integer(below: height - size + 1),
      column: randomness.integer(below: width - size + 1), size: size)
  }

  /// Calls a function with each place of a window, of the first channel, and its row and column within the window.
  @inline(__always)
  func forEach(in window: Window, _ body: (_ place: Int, _ row: Int, _ column: Int) -> Void) {
    for row in 0..<window.size {
      let first = (window.row + row) * width + window.column
      for column in 0..<max(min(window.size, area - first), 0) { body(first + column, row, column) }
    }
  }
}
