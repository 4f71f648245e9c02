extension Matrix {
  /// The largest modulus of an eigenvalue of a square matrix.
  ///
  /// The matrix is brought into Hessenberg form by reflections, and that is deflated by the implicit double-shift QR
  /// iteration (Francis, "The QR transformation", 1961), all in real arithmetic.
  ///
  /// - Returns: The radius; NaN where a number of the matrix is not finite, or the iteration does not end.
  /// - Complexity: About ten times the third power of the number of rows.
  public var spectralRadius: Double {
    precondition(rows == columns, "\(rows) rows and \(columns) columns")
    guard values.allSatisfy(\.isFinite) else { return .nan }
    var work = Hessenberg(self)
    return work.eigenvalues()?.map { ($0.re * $0.re + $0.im * $0.im).squareRoot() }.max() ?? .nan
  }

  /// The singular values, largest first.
  ///
  /// Those above about 1e-8 of the largest have all their digits; they are the lengths of columns that one-sided
  /// rotations make orthogonal (Hestenes, 1958).
  public var singularValues: [Double] {
    // Rows that depend on one another never become orthogonal columns.
    if columns > rows { return transposed.singularValues }
    var parts = (0..<columns).map { column($0) }
    for _ in 0..<60 {
      var isDone = true
      for first in parts.indices {
        for second in parts.indices.dropFirst(first + 1) {
          let (a, b) = (parts[first].dot(parts[first]), parts[second].dot(parts[second]))
          let mixed = parts[first].dot(parts[second])
          guard abs(mixed) > 1e-15 * (a * b).squareRoot(), mixed != 0 else { continue }
          isDone = false
          let ratio = (b - a) / (2 * mixed)
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          let sine = cosine * tangent
          for index in 0..<rows {
            let (x, y) = (parts[first][index], parts[second][index])
            parts[first][index] = cosine * x - sine * y
            parts[second][index] = sine * x + cosine * y
          }
        }
      }
      if isDone { break }
    }
    return Array(parts.map(\.norm).sorted(by: >).prefix(min(rows, columns)))
  }
}

/// A square matrix on its way to a quasi-triangular one with the same eigenvalues.
private struct Hessenberg {
  private var h: Matrix

  init(_ matrix: Matrix) {
    h = matrix
    reduce()
  }

  /// Makes all below the first subdiagonal zero by reflections from both sides.
  private mutating func reduce() {
    let n = h.rows
    guard n > 2 else { return }
    for column in 0..<n - 2 {
      var vector = (column + 1..<n).map { h[$0, column] }
      let length = vector.norm
      guard length > 0 else { continue }
      vector[0] += vector[0] < 0 ? -length : length
      let square = vector.dot(vector)
      guard square > 0 else { continue }
      for other in column..<n {
        var sum = 0.0
        for index in vector.indices { sum += vector[index] * h[column + 1 + index, other] }
        sum *= 2 / square
        for index in vector.indices { h[column + 1 + index, other] -= sum * vector[index] }
      }
      for row in 0..<n {
        var sum = 0.0
        for index in vector.indices { sum += vector[index] * h[row, column + 1 + index] }
        sum *= 2 / square
        for index in vector.indices { h[row, column + 1 + index] -= sum * vector[index] }
      }
      for row in column + 2..<n { h[row, column] = 0 }
    }
  }

  /// The eigenvalues, taken off one or two at a time from the lower end; `nil` where that does not end.
  mutating func eigenvalues() -> [(re: Double, im: Double)]? {
    var found: [(re: Double, im: Double)] = []
    var last = h.rows - 1
    var turns = 0
    while last >= 0 {
      let start = blockStart(endingAt: last)
      if start == last {
        found.append((h[last, last], 0))
        (last, turns) = (last - 1, 0)
      } else if start == last - 1 {
        found += pair(at: start)
        (last, turns) = (last - 2, 0)
      } else {
        guard turns < 200 else { return nil }
        turns += 1
        sweep(from: start, to: last, isExceptional: turns.isMultiple(of: 11))
      }
    }
    return found
  }

  /// Where the block begins that no negligible subdiagonal number parts from its end.
  private mutating func blockStart(endingAt last: Int) -> Int {
    var start = last
    while start > 0 {
      var scale = abs(h[start - 1, start - 1]) + abs(h[start, start])
      if scale == 0 { scale = 1 }
      if abs(h[start, start - 1]) < Double.ulpOfOne * scale {
        h[start, start - 1] = 0
        break
      }
      start -= 1
    }
    return start
  }

  /// The eigenvalues of two rows and columns.
  private func pair(at start: Int) -> [(re: Double, im: Double)] {
    let (a, b) = (h[start, start], h[start, start + 1])
    let (c, d) = (h[start + 1, start], h[start + 1, start + 1])
    let half = (a - d) / 2
    let square = half * half + b * c
    let middle = d + half
    guard square >= 0 else {
      return [(middle, (-square).squareRoot()), (middle, -(-square).squareRoot())]
    }
    // The smaller difference comes from the product, lest digits cancel.
    let far = half + (half < 0 ? -square.squareRoot() : square.squareRoot())
    return far == 0 ? [(d, 0), (d, 0)] : [(d + far, 0), (d - b * c / far, 0)]
  }

  /// A double-shift step: a bulge of three rows is made at the top and chased to the lower end.
  private mutating func sweep(from start: Int, to last: Int, isExceptional: Bool) {
    var trace = h[last - 1, last - 1] + h[last, last]
    var determinant =
      h[last - 1, last - 1] * h[last, last] - h[last - 1, last] * h[last, last - 1]
    if isExceptional {
      let size = abs(h[last, last - 1]) + abs(h[last - 1, last - 2])
      (trace, determinant) = (1.5 * size, size * size)
    }
    let (a, b) = (h[start, start], h[start + 1, start])
    var x = a * a + h[start, start + 1] * b - trace * a + determinant
    var y = b * (a + h[start + 1, start + 1] - trace)
    var z = b * h[start + 2, start + 1]
    for place in start..<last {
      let width = min(3, last - place + 1)
      reflect(Array([x, y, z].prefix(width)), at: place, from: start, to: last)
      guard place < last - 1 else { break }
      x = h[place + 1, place]
      y = h[place + 2, place]
      z = place + 3 <= last ? h[place + 3, place] : 0
    }
    for row in start + 2...last {
      h[row, row - 2] = 0
      if row > start + 2 { h[row, row - 3] = 0 }
    }
  }

  /// Reflects rows, and then columns, so that a vector becomes a multiple of the first axis.
  private mutating func reflect(_ target: [Double], at place: Int, from start: Int, to last: Int) {
    let length = target.norm
    guard length > 0 else { return }
    var vector = target
    vector[0] += vector[0] < 0 ? -length : length
    let square = vector.dot(vector)
    for column in max(start, place - 1)...last {
      var sum = 0.0
      for index in vector.indices { sum += vector[index] * h[place + index, column] }
      sum *= 2 / square
      for index in vector.indices { h[place + index, column] -= sum * vector[index] }
    }
    for row in start...min(last, place + vector.count) {
      var sum = 0.0
      for index in vector.indices { sum += vector[index] * h[row, place + index] }
      sum *= 2 / square
      for index in vector.indices { h[row, place + index] -= sum * vector[index] }
    }
  }
}
