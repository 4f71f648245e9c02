import Robustness
import Tensors

/// Square attack's moves in L-infinity: every value is at one of its two limits.
struct SquareCorners: SquareProposals {
  private(set) var current: Tensor<Float>
  private var proposal: Tensor<Float>
  private let lower: Tensor<Float>
  private let upper: Tensor<Float>
  private let grid: SquareGrid

  /// The changes that were asked about since the last one that helped, by their signatures.
  private var asked: Set<UInt64> = []

  init(_ region: any FeasibleSet) {
    current = region.center
    proposal = current
    lower = region.hull.lower
    upper = region.hull.upper
    grid = SquareGrid(current.shape)
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
    for _ in 0..<64 {
      let window = grid.window(side, using: &randomness)
      let signs = randomness.next32()
      let change = signature(window, signs)
      guard change != 0, asked.insert(change).inserted else { continue }
      var next = current
      next.withUnsafeMutableScalars { write(window, signs, to: $0) }
      proposal = next
      return next
    }
    return nil
  }

  mutating func accept() {
    current = proposal
    asked.removeAll(keepingCapacity: true)
  }

  private func ends(_ channel: Int, _ signs: UInt32) -> Tensor<Float> {
    signs >> UInt32(channel % 32) & 1 == 0 ? lower : upper
  }

  /// A number for the set of values that a window changes (Zobrist's hashing); 0 if there are none.
  private func signature(_ window: SquareGrid.Window, _ signs: UInt32) -> UInt64 {
    var sum: UInt64 = 0
    current.withUnsafeScalars { current in
      for channel in 0..<grid.channels {
        ends(channel, signs).withUnsafeScalars { ends in
          for row in window.row..<window.row + window.size {
            for place in grid.places(row, of: window) {
              let index = channel * grid.area + place
              if current[index] != ends[index] { sum ^= SquareCorners.mixed(index) }
            }
          }
        }
      }
    }
    return sum
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014, https://doi.org/10.1145/2660193.2660195).
  private static func mixed(_ index: Int) -> UInt64 {
    var value = (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
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
