import Tensors

/// Clouds: a height map by the diamond-square algorithm, which fits itself on all sides.
struct PlasmaFractal {
  /// Pixels of each side.
  let side: Int
  /// Heights from 0 to 1, row after row.
  private(set) var heights: [Float]

  /// Draws a map.
  ///
  /// - Parameters:
  ///   - side: Pixels of each side, a power of two from 2 on.
  ///   - decay: By what each finer step varies less.
  ///   - generator: Where it draws from.
  init(side: Int, decay: Float, drawing generator: inout Philox) {
    precondition(side > 1 && side & (side - 1) == 0, "\(side) is no power of two")
    self.side = side
    var map = [Float](repeating: 0, count: side * side)
    // The variation is drawn up to its square, as in the reference; heights are brought to 0...1 in the end.
    var (step, variation) = (side, 100 as Float)
    map.withUnsafeMutableBufferPointer { map in
      let mask = side - 1
      while step > 1 {
        let half = step / 2
        let reach = 2 * variation * variation
        func fill(_ row: Int, _ column: Int, _ a: Float, _ b: Float, _ c: Float, _ d: Float) {
          map[row * side + column] = (a + b + c + d) / 4 + reach * (generator.uniform() - 0.5)
        }
        for row in stride(from: 0, to: side, by: step) {
          let below = (row + step) & mask
          for column in stride(from: 0, to: side, by: step) {
            let right = (column + step) & mask
            fill(
              row + half, column + half, map[row * side + column], map[below * side + column],
              map[row * side + right], map[below * side + right])
          }
        }
        for row in stride(from: 0, to: side, by: step) {
          let (above, below) = ((row - half) & mask, (row + step) & mask)
          for column in stride(from: 0, to: side, by: step) {
            let (left, right) = ((column - half) & mask, (column + step) & mask)
            let middle = map[(row + half) * side + column + half]
            let corner = map[row * side + column]
            fill(
              row, column + half, middle, map[above * side + column + half], corner,
              map[row * side + right])
            fill(
              row + half, column, middle, map[(row + half) * side + left], corner,
              map[below * side + column])
          }
        }
        step = half
        variation /= decay
      }
      var (least, most) = (map[0], map[0])
      for height in map { (least, most) = (min(least, height), max(most, height)) }
      let scale = 1 / (most - least)
      for index in map.indices { map[index] = (map[index] - least) * scale }
    }
    heights = map
  }
}
