// Arithmetic on the numbers of players, in double precision.

extension [Double] {
  /// The sum of the products of numbers in the same places.
  package func dot(_ other: [Double]) -> Double {
    var sum = 0.0
    for index in indices { sum += self[index] * other[index] }
    return sum
  }

  /// The Euclidean length.
  package var norm: Double { dot(self).squareRoot() }

  /// The vector and a multiple of another.
  package func plus(_ other: [Double], times scale: Double = 1) -> [Double] {
    var sum = self
    sum.add(other, times: scale)
    return sum
  }

  /// Adds a multiple of another vector.
  package mutating func add(_ other: [Double], times scale: Double = 1) {
    precondition(count == other.count, "vectors of \(count) and \(other.count) numbers")
    for index in indices { self[index] += scale * other[index] }
  }

  /// The vector times a number.
  package func scaled(by scale: Double) -> [Double] { map { scale * $0 } }

  /// The place of the least number, the first of several; traps if there is none.
  package var leastPlace: Int {
    var place = 0
    for index in indices where self[index] < self[place] { place = index }
    return place
  }
}

extension [[Double]] {
  /// The profile and a multiple of another.
  package func plus(_ other: [[Double]], times scale: Double = 1) -> [[Double]] {
    zip(self, other).map { $0.plus($1, times: scale) }
  }

  /// The sum of the products of numbers in the same places.
  package func dot(_ other: [[Double]]) -> Double {
    zip(self, other).reduce(0) { $0 + $1.0.dot($1.1) }
  }

  /// The Euclidean length of all numbers together.
  package var norm: Double { dot(self).squareRoot() }

  /// The Euclidean distance.
  package func distance(to other: [[Double]]) -> Double { plus(other, times: -1).norm }

  /// As many zeros as there are numbers.
  package var zeros: [[Double]] { map { [Double](repeating: 0, count: $0.count) } }

  /// The numbers of a long vector, as many for each player as here.
  package func shaped(_ numbers: some Collection<Double>) -> [[Double]] {
    var rest = numbers[...]
    return map { part in
      defer { rest = rest.dropFirst(part.count) }
      return [Double](rest.prefix(part.count))
    }
  }
}
