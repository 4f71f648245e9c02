import CGeometry
import Models

/// The values of a parameter in pieces that threads share, cut at the same places whatever the number of threads.
enum Chunks {
  /// Values of a piece: few enough to be still in a processor's cache when they are used again.
  static let size = 16_384

  /// The number of pieces.
  static func number(of count: Int) -> Int { (count + size - 1) / size }

  /// Runs a body for each piece; on the engine thread only.
  static func forEach(of count: Int, _ body: (_ chunk: Int, _ places: Range<Int>) -> Void) {
    OpenMP.split(number(of: count)) { chunks in
      for chunk in chunks { body(chunk, chunk * size..<min((chunk + 1) * size, count)) }
    }
  }

  /// The sum of the squares in double precision, in an order that does not depend on the threads.
  static func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    let number = number(of: count)
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(number, 1))
    defer { sums.deallocate() }
    forEach(of: count) { sums[$0] = gibbon_sum_of_squares(values + $1.lowerBound, $1.count) }
    return UnsafeBufferPointer(start: sums, count: number).reduce(0, +)
  }
}
