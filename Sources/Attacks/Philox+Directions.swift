import Tensors

// The random directions of searches without gradients.

extension Philox {
  /// Independent numbers that are nearly normal with variance 1: centred sums of four bytes.
  ///
  /// Logarithms for exact ones would cost more than a small network's answer, and no search from labels needs tails.
  mutating func noise(_ shape: Shape) -> Tensor<Float> {
    var generator = self
    let noise = Tensor<Float>(shape: shape) { target in
      for index in 0..<target.count {
        let bits = generator.next32()
        // Two sums of two bytes side by side, then one.
        let pairs = (bits & 0x00FF_00FF) &+ ((bits &>> 8) & 0x00FF_00FF)
        let sum = (pairs & 0xFFFF) &+ (pairs &>> 16)
        // The variance of a byte is (256^2 - 1) / 12.
        target[index] = (Float(sum) - 510) * 0.006_765_876
      }
    }
    self = generator
    return noise
  }

  /// A random direction of Euclidean length 1.
  mutating func direction(_ shape: Shape) -> Tensor<Float> {
    let noise = noise(shape)
    return Float(1 / max(noise.norm2, 1e-30)) * noise
  }

  /// Numbers uniform in [0, 1) that are the same over square blocks of the last two axes, in each channel, or over
  /// runs where there are no two axes.
  mutating func blocks(of side: Int, _ shape: Shape) -> Tensor<Float> {
    if side == 1 { return uniforms(shape) }
    let width = shape.extents.last ?? 1
    let height = shape.rank > 1 ? shape.extents[shape.rank - 2] : 1
    let across = (width + side - 1) / side
    let down = (height + side - 1) / side
    let planes = shape.count / max(width * height, 1)
    let coarse = uniforms([planes, down, across])
    return Tensor(shape: shape) { target in
      for index in 0..<target.count {
        let (row, column) = (index / width, index % width)
        let place = row / height * down + row % height / side
        target[index] = coarse[place * across + column / side]
      }
    }
  }

  /// Adds a random sign times `scale` to every value of `start`, and the opposite to a second copy.
  mutating func signPair(around start: Tensor<Float>, scale: Float) -> (
    Tensor<Float>, Tensor<Float>
  ) {
    pair(around: start) { generator, moves in
      var bits: UInt32 = 0
      for index in moves.indices {
        if index % 32 == 0 { bits = generator.next32() }
        moves[index] = bits & 1 == 0 ? scale : -scale
        bits >>= 1
      }
    }
  }

  /// The same with numbers of variance 1 that are nearly normal: heads less tails of 16 coins, divided by 4.
  mutating func coinPair(around start: Tensor<Float>, scale: Float) -> (
    Tensor<Float>, Tensor<Float>
  ) {
    pair(around: start) { generator, moves in
      generator.coins(moves, scale: scale)
    }
  }

  /// Fills a buffer with nearly normal numbers of standard deviation `scale`; see `coinPair`.
  mutating func coins(_ target: UnsafeMutableBufferPointer<Float>, scale: Float) {
    var bits: UInt32 = 0
    for index in target.indices {
      if index % 2 == 0 { bits = next32() }
      target[index] = Float((bits & 0xFFFF).nonzeroBitCount - 8) * (0.5 * scale)
      bits >>= 16
    }
  }

  private mutating func pair(
    around start: Tensor<Float>, _ fill: (inout Philox, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> (Tensor<Float>, Tensor<Float>) {
    var generator = self
    let moves = Tensor<Float>(shape: start.shape) { fill(&generator, $0) }
    self = generator
    return (start + moves, start - moves)
  }
}
