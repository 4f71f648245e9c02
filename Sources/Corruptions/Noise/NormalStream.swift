import Tensors

/// Standard normal numbers, one after the other.
struct NormalStream {
  private var generator: Philox
  private var spare: Float?

  /// The numbers that a generator gives.
  init(_ generator: Philox) { self.generator = generator }

  /// The next number.
  mutating func next() -> Float {
    if let number = spare {
      spare = nil
      return number
    }
    let (first, second) = generator.normalPair()
    spare = second
    return first
  }
}
