package import Tensors

extension Tensor where Scalar == Float {
  /// The magnitude that `rank` values reach or exceed, the first being rank 1; NaN counts as zero.
  ///
  /// Selected by halves of the magnitudes' bits, in linear time.
  package func magnitude(ofRank rank: Int) -> Float {
    precondition(rank >= 1 && rank <= count, "rank \(rank) of \(count)")
    return withUnsafeScalars { values in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: values.count + 2048) { room in
        let bits = UnsafeMutableBufferPointer(rebasing: room[..<values.count])
        let counts = UnsafeMutableBufferPointer(rebasing: room[values.count...])
        for index in bits.indices {
          bits[index] = values[index].isNaN ? 0 : values[index].magnitude.bitPattern
        }
        var candidates = bits.count
        var rest = rank
        var result: UInt32 = 0
        // Eleven, ten and ten bits from the top; the sign is none of them.
        for (shift, width) in [(20, 11), (10, 10), (0, 10)] as [(UInt32, UInt32)] {
          let mask = (1 as UInt32) << width - 1
          counts.update(repeating: 0)
          for index in 0..<candidates { counts[Int(bits[index] >> shift & mask)] += 1 }
          var digit = Int(mask)
          while digit > 0, Int(counts[digit]) < rest {
            rest -= Int(counts[digit])
            digit -= 1
          }
          result |= UInt32(digit) << shift
          var kept = 0
          for index in 0..<candidates where Int(bits[index] >> shift & mask) == digit {
            bits[kept] = bits[index]
            kept += 1
          }
          candidates = kept
        }
        return Float(bitPattern: result)
      }
    }
  }
}
