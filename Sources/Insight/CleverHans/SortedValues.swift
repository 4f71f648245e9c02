import Tensors

/// What each value of some pictures may be: the same place of all of them, sorted.
struct SortedValues: Sendable {
  /// How many pictures there are, at least one.
  let count: Int
  /// Place after place, ascending within each.
  private let values: [Float]

  /// Sorts the values of pictures of one size.
  init(_ pictures: [Tensor<Float>]) {
    precondition(!pictures.isEmpty, "no pictures")
    let (count, size) = (pictures.count, pictures[0].count)
    var values = [Float](repeating: 0, count: count * size)
    values.withUnsafeMutableBufferPointer { values in
      for (row, picture) in pictures.enumerated() {
        picture.withUnsafeScalars {
          for place in 0..<size { values[place * count + row] = $0[place] }
        }
      }
      for place in 0..<size {
        values[place * count..<(place + 1) * count].sort()
      }
    }
    self.count = count
    self.values = values
  }

  /// The value below which a share of the pictures is at a place; linear between neighbours.
  func quantile(_ share: Float, at place: Int) -> Float {
    let position = share * Float(count - 1)
    let below = min(Int(position), count - 1)
    let above = min(below + 1, count - 1)
    let first = values[place * count + below]
    return first + (position - Float(below)) * (values[place * count + above] - first)
  }

  /// The mean at a place.
  func mean(at place: Int) -> Float {
    var sum = 0.0
    for row in place * count..<(place + 1) * count { sum += Double(values[row]) }
    return Float(sum / Double(count))
  }

  /// The share of the pictures whose value at a place is in a range.
  func share(in range: ClosedRange<Float>, at place: Int) -> Double {
    let from = firstIndex(at: place) { $0 >= range.lowerBound }
    let to = firstIndex(at: place) { $0 > range.upperBound }
    return Double(to - from) / Double(count)
  }

  /// How many values at a place come before the first of which something holds that holds of all after it, too.
  private func firstIndex(at place: Int, where isIn: (Float) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isIn(values[place * count + middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
