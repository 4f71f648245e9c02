// Sums in double precision with explicit SIMD accumulators: the compiler may not reorder float
// sums.

/// The sum of squares, in an order fixed by the length alone.
func sumOfSquares(_ values: UnsafeBufferPointer<Float>) -> Double {
  var sums = SIMD8<Double>()
  var index = 0
  while index + 8 <= values.count {
    var block = SIMD8<Float>()
    for lane in 0..<8 { block[lane] = values[index + lane] }
    let wide = SIMD8<Double>(block)
    sums += wide * wide
    index += 8
  }
  var sum = sums.sum()
  while index < values.count {
    sum += Double(values[index]) * Double(values[index])
    index += 1
  }
  return sum
}

/// The sum of squared differences of two buffers of one length.
func sumOfSquaredDifferences(
  _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>
) -> Double {
  var sums = SIMD8<Double>()
  var index = 0
  while index + 8 <= left.count {
    var a = SIMD8<Float>()
    var b = SIMD8<Float>()
    for lane in 0..<8 {
      a[lane] = left[index + lane]
      b[lane] = right[index + lane]
    }
    let difference = SIMD8<Double>(a) - SIMD8<Double>(b)
    sums += difference * difference
    index += 8
  }
  var sum = sums.sum()
  while index < left.count {
    let difference = Double(left[index]) - Double(right[index])
    sum += difference * difference
    index += 1
  }
  return sum
}
