// The standard library's distributions may change between releases; these are fixed for good, since
// results are named by their seed.
import Platform

extension Philox {
  /// A number uniform in [0, 1), a multiple of 2 to the power -24.
  public mutating func uniform() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// An integer uniform in 0..<`bound` (Lemire's method without bias).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max), "bound out of range")
    let range = UInt32(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = UInt64(next32()) * UInt64(range)
      if UInt32(truncatingIfNeeded: product) >= threshold { return Int(product >> 32) }
    }
  }

  /// A pair of independent standard normal numbers (Box and Muller).
  public mutating func normalPair() -> (Float, Float) {
    let radius = (-2 * Double.log(1 - Double(uniform()))).squareRoot()
    let angle = 2 * Double.pi * Double(uniform())
    return (Float(radius * cos(angle)), Float(radius * sin(angle)))
  }

  /// Numbers uniform in [0, 1).
  public mutating func uniforms(_ shape: Shape) -> Tensor<Float> {
    unsafe Tensor(shape: shape) { unsafe fill(uniforms: $0) }
  }

  /// Independent standard normal numbers.
  public mutating func normals(_ shape: Shape) -> Tensor<Float> {
    var scalars: [Float] = []
    scalars.reserveCapacity(shape.count + 1)
    while scalars.count < shape.count {
      let (first, second) = normalPair()
      scalars.append(first)
      scalars.append(second)
    }
    return Tensor(Array(scalars.prefix(shape.count)), shape: shape)
  }

  /// A uniformly random order of 0..<`count` (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }
}
