import Tensors

extension Philox {
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
    var moves = Tensor<Float>(shape: start.shape) { fill(&generator, $0) }
    self = generator
    let less = start.withUnsafeScalars { from in
      moves.withUnsafeMutableScalars { moves in
        Tensor<Float>(shape: start.shape) { less in
          for index in moves.indices {
            less[index] = from[index] - moves[index]
            moves[index] += from[index]
          }
        }
      }
    }
    return (moves, less)
  }
}
