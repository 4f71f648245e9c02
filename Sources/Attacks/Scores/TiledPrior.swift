import Platform
import Tensors

/// What Bandits believes about the gradient: a number for each square tile of each channel.
struct TiledPrior: Sendable {
  private let shape: Shape
  private let grid: SquareGrid
  private let tile: Int
  private let rows: Int
  private let columns: Int
  /// Whether the numbers stay between -1 and 1 and learn by exponentiated gradients.
  private let isBounded: Bool
  private var values: [Float]

  init(_ shape: Shape, tile: Int, isBounded: Bool) {
    self.shape = shape
    self.isBounded = isBounded
    grid = SquareGrid(shape)
    self.tile = min(max(tile, 1), max(grid.height, grid.width))
    rows = (grid.height + self.tile - 1) / self.tile
    columns = (grid.width + self.tile - 1) / self.tile
    values = Array(repeating: 0, count: grid.channels * rows * columns)
  }

  /// Nearly normal numbers of this Euclidean length on average.
  func noise(_ length: Double, using randomness: inout Philox) -> [Float] {
    let scale = Float(length / Double(max(values.count, 1)).squareRoot())
    return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      count = values.count
      randomness.coins(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]), scale: scale)
    }
  }

  /// The prior laid over the picture.
  var direction: Tensor<Float> { spread(values) }

  /// A point moved by a length along the prior with noise.
  func probe(_ z: Tensor<Float>, _ noise: [Float], length: Float) -> Tensor<Float> {
    let direction = spread(zip(values, noise).map { $0 + $1 })
    let size = direction.withUnsafeScalars { Sums.squares($0) }.squareRoot()
    guard size > 0 else { return z }
    let scale = length / Float(size)
    return z.zip(direction) { $0 + scale * $1 }
  }

  /// Moves the prior along a direction.
  mutating func learn(_ direction: [Float], _ rate: Float) {
    for index in values.indices {
      let gain = rate * direction[index]
      if isBounded {
        // 2 p e^g / (p e^g + (1 - p) e^-g) - 1 with p = (v + 1) / 2: a step of the logarithm of the odds.
        let odds = atanh(min(max(values[index], -0.999_999), 0.999_999)) + gain
        values[index] = tanh(odds)
      } else {
        values[index] += gain
      }
    }
  }

  private func spread(_ values: [Float]) -> Tensor<Float> {
    Tensor(shape: shape) { target in
      for channel in 0..<grid.channels {
        for row in 0..<grid.height {
          let first = row * grid.width
          let base = (channel * rows + row / tile) * columns
          for column in 0..<max(min(grid.width, grid.area - first), 0) {
            target[channel * grid.area + first + column] = values[base + column / tile]
          }
        }
      }
    }
  }
}
