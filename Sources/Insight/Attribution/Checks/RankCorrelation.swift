import Tensors

/// Spearman's rank correlation, in which equal values share the mean of their ranks.
package enum RankCorrelation {
  /// The correlation of the ranks of two rows of numbers.
  ///
  /// - Returns: From -1 to 1; 0 where one of them is constant.
  package static func spearman(_ left: [Double], _ right: [Double]) -> Double {
    precondition(left.count == right.count, "\(left.count) ranks and \(right.count)")
    let (first, second) = (ranks(left), ranks(right))
    let mean = Double(left.count + 1) / 2
    var (product, one, other) = (0.0, 0.0, 0.0)
    for (a, b) in zip(first, second) {
      product += (a - mean) * (b - mean)
      one += (a - mean) * (a - mean)
      other += (b - mean) * (b - mean)
    }
    let size = (one * other).squareRoot()
    return size > 0 ? product / size : 0
  }

  /// Ranks from 1, ascending.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { ranks[order[place]] = Double(start + end + 2) / 2 }
      start = end + 1
    }
    return ranks
  }
}

extension Attribution {
  /// One number for each pixel: the sum over the channels; of other inputs one for each value.
  package var places: [Double] {
    let area = map.shape.pixelCount
    var sums = [Double](repeating: 0, count: area)
    for index in 0..<map.count { sums[index % max(area, 1)] += Double(map[index]) }
    return sums
  }
}
