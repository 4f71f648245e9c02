import Robustness
import Tensors

/// Square attack's moves in L-infinity: every value is at one of its two limits.
struct SquareCorners: SquareProposals {
  private(set) var current: Tensor<Float>
  private var proposal: Tensor<Float>
  private let lower: Tensor<Float>
  private let upper: Tensor<Float>
  private let grid: SquareGrid

  /// What was asked about since the last change: a bit for each place of the window and signs; empty where there
  /// would be too many.
  private var asked: [UInt64]
  private var side = 0

  init(_ region: any FeasibleSet) {
    current = region.center
    proposal = current
    lower = region.hull.lower
    upper = region.hull.upper
    grid = SquareGrid(current.shape)
    let bits = grid.channels <= 4 ? (grid.height * grid.width) << grid.channels : 0
    asked = Array(repeating: 0, count: bits <= 1 << 20 ? (bits + 63) / 64 : 0)
  }

  /// Vertical stripes.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>? {
    guard lower != upper else { return nil }
    for channel in 0..<grid.channels {
      for column in 0..<grid.width {
        let ends = randomness.next32() & 1 == 0 ? lower : upper
        for place in stride(from: column, to: grid.area, by: grid.width) {
          current[channel * grid.area + place] = ends[channel * grid.area + place]
        }
      }
    }
    return current
  }

  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>? {
    let side = grid.side(covering: share)
    if side != self.side { forget() }
    self.side = side
    for _ in 0..<64 {
      let window = grid.window(side, using: &randomness)
      let signs = randomness.next32()
      guard isNew(window, signs), changes(window, signs) else { continue }
      var next = current
      next.withUnsafeMutableScalars { write(window, signs, to: $0) }
      proposal = next
      return next
    }
    return nil
  }

  mutating func accept() {
    current = proposal
    forget()
  }

  private mutating func forget() {
    for index in asked.indices { asked[index] = 0 }
  }

  /// Whether this was not asked since the last change; from now on it was.
  private mutating func isNew(_ window: SquareGrid.Window, _ signs: UInt32) -> Bool {
    if asked.isEmpty { return true }
    let place = window.row * grid.width + window.column
    let bit = place << grid.channels | Int(signs) & (1 << grid.channels - 1)
    defer { asked[bit / 64] |= 1 << UInt64(bit % 64) }
    return asked[bit / 64] & 1 << UInt64(bit % 64) == 0
  }

  private func ends(_ channel: Int, _ signs: UInt32) -> Tensor<Float> {
    signs >> UInt32(channel % 32) & 1 == 0 ? lower : upper
  }

  private func changes(_ window: SquareGrid.Window, _ signs: UInt32) -> Bool {
    current.withUnsafeScalars { current in
      for channel in 0..<grid.channels {
        let differs = ends(channel, signs).withUnsafeScalars { ends in
          for row in window.row..<window.row + window.size {
            for place in grid.places(row, of: window) {
              let index = channel * grid.area + place
              if current[index] != ends[index] { return true }
            }
          }
          return false
        }
        if differs { return true }
      }
      return false
    }
  }

  private func write(
    _ window: SquareGrid.Window, _ signs: UInt32, to target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let target = target.baseAddress else { return }
    for channel in 0..<grid.channels {
      ends(channel, signs).withUnsafeScalars { ends in
        guard let ends = ends.baseAddress else { return }
        for row in window.row..<window.row + window.size {
          let places = grid.places(row, of: window)
          let first = channel * grid.area + places.lowerBound
          (target + first).update(from: ends + first, count: places.count)
        }
      }
    }
  }
}
