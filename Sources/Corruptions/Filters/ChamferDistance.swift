/// How far pixels are from the nearest of some, by steps to 16 neighbours, as OpenCV's `distanceTransform` has it.
///
/// Borgefors, "Distance transformations in digital images", 1986, https://doi.org/10.1016/S0734-189X(86)80047-0.
enum ChamferDistance {
  /// Steps and their lengths, of which the other half goes back.
  private static let steps: [(row: Int, column: Int, length: Float)] = [
    (0, -1, 1), (-1, 0, 1), (-1, -1, 1.4), (-1, 1, 1.4),
    (-1, -2, 2.1969), (-1, 2, 2.1969), (-2, -1, 2.1969), (-2, 1, 2.1969),
  ]

  /// The distances, at most `limit`, of a plane row by row.
  static func distances(
    to isNear: [Bool], height: Int, width: Int, limit: Float
  ) -> [Float] {
    var distances: [Float] = isNear.map { $0 ? 0 : limit }
    func relax(_ row: Int, _ column: Int, _ sign: Int) {
      let place = row * width + column
      for step in steps {
        let (otherRow, otherColumn) = (row + sign * step.row, column + sign * step.column)
        guard 0..<height ~= otherRow, 0..<width ~= otherColumn else { continue }
        distances[place] = min(
          distances[place], distances[otherRow * width + otherColumn] + step.length)
      }
    }
    for row in 0..<height { for column in 0..<width { relax(row, column, 1) } }
    for row in (0..<height).reversed() {
      for column in (0..<width).reversed() { relax(row, column, -1) }
    }
    return distances
  }
}
