import Robustness

/// The best a linear function can gain inside a ball cut by the unit box.
enum Optimum {
  static func gain(
    of slopes: [Double], around x: [Double], _ norm: Norm, _ radius: Double
  ) -> Double {
    let room = zip(slopes, x).map { $0 < 0 ? $1 : 1 - $1 }
    func moves(_ t: Double) -> [Double] { zip(slopes, room).map { min(t * abs($0), $1) } }
    func gain(_ moves: [Double]) -> Double {
      zip(moves, slopes).reduce(0) { $0 + $1.0 * abs($1.1) }
    }
    func length(_ moves: [Double]) -> Double { moves.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    if norm == .infinity { return gain(room.map { min($0, radius) }) }
    if norm == .one {
      var rest = radius
      return (0..<x.count).sorted { abs(slopes[$0]) > abs(slopes[$1]) }.reduce(0) { sum, index in
        let move = min(room[index], rest)
        rest -= move
        return sum + move * abs(slopes[index])
      }
    }
    if norm == .zero {
      return zip(room, slopes).map { $0 * abs($1) }.sorted(by: >).prefix(Int(radius)).reduce(0, +)
    }
    if length(room) <= radius { return gain(room) }
    var (low, high) = (0.0, 1e9)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if length(moves(middle)) <= radius { low = middle } else { high = middle }
    }
    return gain(moves(low))
  }
}
