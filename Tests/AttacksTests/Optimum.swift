import Robustness

/// The best a linear function can gain inside a ball cut by the unit box, by bisection.
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
    if length(room) <= radius { return gain(room) }
    var (low, high) = (0.0, 1e9)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if length(moves(middle)) <= radius { low = middle } else { high = middle }
    }
    return gain(moves(low))
  }
}
