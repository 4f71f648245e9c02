import Platform
import Tensors

extension SimBA {
  /// The orthonormal directions of a basis.
  struct Directions: Sendable {
    /// The number of directions.
    let count: Int
    private let basis: Basis
    private let grid: SquareGrid
    /// The cosines of every frequency: down and across, a row of values each.
    private var down: [[Float]] = []
    private var across: [[Float]] = []

    init(_ basis: Basis, _ shape: Shape, _ frequencies: Double) {
      self.basis = basis
      grid = SquareGrid(shape)
      if basis == .cosine {
        down = Directions.cosines(grid.height, frequencies)
        across = Directions.cosines(grid.width, frequencies)
      }
      count = basis == .pixel ? shape.count : grid.channels * down.count * across.count
    }

    /// A point moved along a direction.
    func moved(_ z: Tensor<Float>, along direction: Int, by step: Float) -> Tensor<Float> {
      var next = z
      if basis == .pixel {
        next[direction] += step
        return next
      }
      let row = down[direction / across.count % down.count]
      let column = across[direction % across.count]
      let base = direction / (across.count * down.count) * grid.area
      next.withUnsafeMutableScalars { next in
        row.withUnsafeBufferPointer { row in
          column.withUnsafeBufferPointer { column in
            for y in row.indices {
              let first = y * grid.width
              let factor = step * row[y]
              for x in 0..<max(min(grid.width, grid.area - first), 0) {
                next[base + first + x] += factor * column[x]
              }
            }
          }
        }
      }
      return next
    }

    /// The lowest rows of the discrete cosine transform of a length (DCT-II, orthonormal).
    private static func cosines(_ length: Int, _ share: Double) -> [[Float]] {
      let count = min(max(Int((share * Double(length)).rounded()), 1), length)
      return (0..<count).map { frequency in
        let scale = ((frequency == 0 ? 1 : 2) / Double(length)).squareRoot()
        return (0..<length).map { place in
          let angle = Double.pi * (Double(place) + 0.5) * Double(frequency) / Double(length)
          return Float(scale * cos(angle))
        }
      }
    }
  }
}
