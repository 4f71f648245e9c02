import Foundation
import Games
import Tensors

/// Random games, the same in every run.
struct Drawing {
  private var generator: Philox

  init(_ seed: Int) { generator = RandomKey(seed: 5).child(seed).generator }

  mutating func normal() -> Double { Double(generator.normalPair().0) }

  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(generator.uniform())
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + generator.integer(below: range.count)
  }

  mutating func vector(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

  mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix((0..<rows).map { _ in vector(columns) })
  }

  /// Probabilities.
  mutating func mixture(_ count: Int) -> [Double] {
    let weights = (0..<count).map { _ in -log(uniform(1e-6...1)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}

extension [Double] {
  var length: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
