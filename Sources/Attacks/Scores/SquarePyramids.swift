import Robustness
import Tensors

/// Square attack's moves in L2 and L1: the length of two windows is gathered in one, as a pair of pyramids of
/// opposite signs added to what is there.
struct SquarePyramids: SquareProposals {
  private(set) var current: Tensor<Float>
  private var proposal: Tensor<Float>
  private let region: any FeasibleSet
  private let center: Tensor<Float>
  private let grid: SquareGrid
  /// Whether lengths are Euclidean, not sums of magnitudes.
  private let usesSquares: Bool
  /// Just below the radius, so that projections stay inside.
  private let radius: Float

  /// The change so far, its length, and room for the next one.
  private var change: [Float]
  private var length: Float = 0
  private var trial: [Float]
  private var pyramids: [Int: [Float]] = [:]

  init(_ region: any FeasibleSet, usesSquares: Bool) {
    self.region = region
    self.usesSquares = usesSquares
    center = region.center
    current = center
    proposal = center
    grid = SquareGrid(center.shape)
    radius = Float(region.radius * (1 - 1e-6))
    change = Array(repeating: 0, count: center.count)
    trial = change
  }

  /// Tiles of pyramids, five to the shorter side.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>? {
    let hull = region.hull
    guard radius > 0, hull.lower != hull.upper else { return nil }
    let side = max(1, min(grid.height, grid.width) / 5)
    let top = (grid.height % side) / 2
    let left = (grid.width % side) / 2
    let pyramid = pyramid(side)
    for row in stride(from: top, through: grid.height - side, by: side) {
      for column in stride(from: left, through: grid.width - side, by: side) {
        let isTurned = randomness.next32() & 1 == 0
        let window = SquareGrid.Window(row: row, column: column, size: side)
        for channel in 0..<grid.channels {
          let sign: Float = randomness.next32() & 1 == 0 ? -1 : 1
          for row in window.row..<row + side {
            for place in grid.places(row, of: window) {
              let down = row - window.row
              let along = place - row * grid.width - column
              let cell = isTurned ? along * side + down : down * side + along
              trial[channel * grid.area + place] = sign * pyramid[cell]
            }
          }
        }
      }
    }
    if !usesSquares { rescale(to: radius) }
    proposal = point()
    accept()
    return current
  }

  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>? {
    var side = max(grid.side(covering: share), 3)
    if side % 2 == 0 { side += 1 }
    side = min(side, grid.height, grid.width)
    let target = grid.window(side, using: &randomness)
    let source = grid.window(side, using: &randomness)
    let isTurned = randomness.next32() & 1 == 0
    let signs = randomness.next32()
    let pyramid = pyramid(side)
    var room: [Float] = []
    swap(&room, &trial)
    room.withUnsafeMutableBufferPointer { trial in
      change.withUnsafeBufferPointer { change in
        pyramid.withUnsafeBufferPointer { pyramid in
          _ = trial.update(from: change)
          for channel in 0..<grid.channels {
            gather(
              source, into: target, channel, pyramid, isTurned: isTurned,
              sign: signs >> UInt32(channel % 32) & 1 == 0 ? -1 : 1, from: change, to: trial)
          }
        }
      }
    }
    swap(&room, &trial)
    proposal = point()
    return proposal
  }

  mutating func accept() {
    current = proposal
    change = (current - center).scalars
    length = Float(region.distance(of: current))
  }

  /// Moves the length of both windows of a channel, and its part of what is left of the radius, into the target.
  private func gather(
    _ source: SquareGrid.Window, into target: SquareGrid.Window, _ channel: Int,
    _ pyramid: UnsafeBufferPointer<Float>, isTurned: Bool, sign: Float,
    from change: UnsafeBufferPointer<Float>, to trial: UnsafeMutableBufferPointer<Float>
  ) {
    let base = channel * grid.area
    let side = target.size
    var own: Float = 0
    for row in target.row..<target.row + side {
      for place in grid.places(row, of: target) { own += power(change[base + place]) }
    }
    var both = own
    for row in source.row..<source.row + side {
      for place in grid.places(row, of: source) {
        if !target.contains(row: row, column: place - row * grid.width) {
          both += power(change[base + place])
        }
        trial[base + place] = 0
      }
    }
    let scale = 1 / (root(own) + 1e-12)
    var total: Float = 0
    for row in target.row..<target.row + side {
      let down = row - target.row
      for place in grid.places(row, of: target) {
        let along = place - row * grid.width - target.column
        let cell = isTurned ? along * side + down : down * side + along
        let value = sign * pyramid[cell] + change[base + place] * scale
        trial[base + place] = value
        total += power(value)
      }
    }
    let rest = max(power(radius) - power(length), 0)
    let wanted =
      usesSquares
      ? (rest / Float(grid.channels) + both).squareRoot() : rest + both * Float(grid.channels)
    let factor = wanted / (root(total) + 1e-12)
    for row in target.row..<target.row + side {
      for place in grid.places(row, of: target) { trial[base + place] *= factor }
    }
  }

  /// The point of the trial: of full length before the bounds in L2, projected in L1.
  private mutating func point() -> Tensor<Float> {
    var factor: Float = 1
    if usesSquares {
      let length = trial.withUnsafeBufferPointer { Sums.squares($0) }.squareRoot()
      factor = length > 0 ? Float(Double(radius) / length) : 0
    }
    let moved = trial.withUnsafeBufferPointer { trial in
      center.withUnsafeScalars { center in
        Tensor<Float>(shape: self.center.shape) { target in
          for index in 0..<target.count { target[index] = center[index] + factor * trial[index] }
        }
      }
    }
    return region.projection(of: moved)
  }

  private mutating func rescale(to length: Float) {
    let sum = trial.reduce(0) { $0 + $1.magnitude }
    guard sum > 0 else { return }
    for index in trial.indices { trial[index] *= length / sum }
  }

  private func power(_ value: Float) -> Float { usesSquares ? value * value : value.magnitude }

  private func root(_ sum: Float) -> Float { usesSquares ? sum.squareRoot() : sum }

  // MARK: - Pyramids

  /// Two pyramids of opposite signs, one above the other, of unit length together.
  private mutating func pyramid(_ side: Int) -> [Float] {
    if let known = pyramids[side] { return known }
    var values = [Float](repeating: 0, count: side * side)
    let upper = hill(side / 2, side)
    let lower = hill(side - side / 2, side)
    for index in upper.indices { values[index] = upper[index] }
    for index in lower.indices { values[upper.count + index] = -lower[index] }
    let length = root(values.reduce(0) { $0 + power($1) })
    for index in values.indices { values[index] /= length }
    pyramids[side] = values
    return values
  }

  /// Rectangles around the middle, one within the other, of unit length together.
  private func hill(_ rows: Int, _ columns: Int) -> [Float] {
    var values = [Float](repeating: 0, count: rows * columns)
    let (middleRow, middleColumn) = (rows / 2, columns / 2)
    for step in 0..<max(middleRow, middleColumn) + 1 {
      let square = 1 / Float((step + 1) * (step + 1))
      for row in max(middleRow - step, 0)..<max(min(middleRow + step + 1, rows), 0) {
        for column in max(middleColumn - step, 0)..<min(middleColumn + step + 1, columns) {
          values[row * columns + column] += usesSquares ? square : square * square
        }
      }
    }
    let length = root(values.reduce(0) { $0 + power($1) })
    for index in values.indices { values[index] /= length }
    return values
  }
}
