/// All eigenvalues and eigenvectors of a real symmetric matrix, in double precision.
///
/// Householder reflections to a tridiagonal matrix, then QL steps with implicit shifts: Bowdler, Martin, Reinsch and
/// Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968, https://doi.org/10.1007/BF02166681.
///
/// Cost: about 9 n^3 operations.
package struct SymmetricEigen: Sendable {
  /// The eigenvalues, the smallest first.
  package let values: [Double]
  /// The eigenvector of each, of length 1, orthogonal to the others.
  package let vectors: [[Double]]

  /// Decomposes a matrix.
  ///
  /// - Parameters:
  ///   - matrix: n x n finite values, symmetric, row by row.
  ///   - order: n, at least 1.
  package init(_ matrix: [Double], order: Int) {
    precondition(order >= 1 && matrix.count == order * order, "a matrix of another size")
    var form = TridiagonalForm(matrix, order: order)
    form.diagonalize()
    let ascending = form.diagonal.indices.sorted { form.diagonal[$0] < form.diagonal[$1] }
    let (diagonal, basis) = (form.diagonal, form.basis)
    values = ascending.map { diagonal[$0] }
    vectors = ascending.map { Array(basis[$0 * order..<($0 + 1) * order]) }
  }
}

/// A tridiagonal matrix T and the orthogonal Q of A = Q T Q^T, whose columns are kept as rows.
private struct TridiagonalForm {
  let order: Int
  var diagonal: [Double]
  /// The entries beside the diagonal; the last is 0.
  var beside: [Double]
  var basis: [Double]

  init(_ matrix: [Double], order n: Int) {
    order = n
    var a = matrix
    var reflections: [[Double]] = []
    beside = [Double](repeating: 0, count: n)
    for k in 0..<max(n - 2, 0) {
      let first = k + 1
      var v = (first..<n).map { a[$0 * n + k] }
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let rest = v.dropFirst().reduce(0) { $0 + $1 * $1 }
      guard rest > 0 else {
        beside[k] = v[0]
        reflections.append([])
        continue
      }
      let alpha = v[0] > 0 ? -length : length
      v[0] -= alpha
      let scale = 1 / v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in v.indices { v[index] *= scale }
      beside[k] = alpha
      TridiagonalForm.reflect(&a, v, from: first, order: n)
      reflections.append(v)
    }
    if n >= 2 { beside[n - 2] = a[(n - 1) * n + n - 2] }
    diagonal = (0..<n).map { a[$0 * n + $0] }
    basis = TridiagonalForm.product(of: reflections, order: n)
  }

  /// A <- H A H on the rows and columns from `first` on, H = I - 2 v v^T.
  private static func reflect(_ a: inout [Double], _ v: [Double], from first: Int, order n: Int) {
    let m = v.count
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeBufferPointer { v in
        var w = [Double](repeating: 0, count: m)
        for i in 0..<m {
          let row = (first + i) * n + first
          var sum = 0.0
          for j in 0..<m { sum += a[row + j] * v[j] }
          w[i] = sum
        }
        let projection = (0..<m).reduce(0) { $0 + w[$1] * v[$1] }
        for i in 0..<m { w[i] = 2 * (w[i] - projection * v[i]) }
        w.withUnsafeBufferPointer { w in
          for i in 0..<m {
            let row = (first + i) * n + first
            let (vi, wi) = (v[i], w[i])
            for j in 0..<m { a[row + j] -= vi * w[j] + wi * v[j] }
          }
        }
      }
    }
  }

  /// The columns of H_0 H_1 ..., as rows.
  private static func product(of reflections: [[Double]], order n: Int) -> [Double] {
    var q = [Double](repeating: 0, count: n * n)
    for i in 0..<n { q[i * n + i] = 1 }
    q.withUnsafeMutableBufferPointer { q in
      for (k, v) in reflections.enumerated().reversed() where !v.isEmpty {
        let first = k + 1
        v.withUnsafeBufferPointer { v in
          // Columns of Q up to `first` are still those of the identity.
          for column in first..<n {
            let row = column * n + first
            var sum = 0.0
            for j in 0..<v.count { sum += q[row + j] * v[j] }
            sum *= 2
            for j in 0..<v.count { q[row + j] -= sum * v[j] }
          }
        }
      }
    }
    return q
  }

  /// Brings the entries beside the diagonal to zero, turning the basis along.
  mutating func diagonalize() {
    let n = order
    // Against the whole matrix, since several eigenvalues may be 0.
    let least = 0x1p-53 * (0..<n).reduce(0) { max($0, abs(diagonal[$1]) + abs(beside[$1])) }
    for l in 0..<n {
      // Thirty steps are many more than any matrix of finite values needs.
      for _ in 0..<60 {
        var m = l
        while m < n - 1, abs(beside[m]) > least { m += 1 }
        if m == l { break }
        step(from: l, to: m)
      }
    }
  }

  /// One QL step with Wilkinson's shift on the block from `l` to `m`.
  private mutating func step(from l: Int, to m: Int) {
    let n = order
    let half = (diagonal[l + 1] - diagonal[l]) / (2 * beside[l])
    let root = (half * half + 1).squareRoot()
    var g = diagonal[m] - diagonal[l] + beside[l] / (half + (half < 0 ? -root : root))
    var (sine, cosine, p) = (1.0, 1.0, 0.0)
    for i in stride(from: m - 1, through: l, by: -1) {
      let f = sine * beside[i]
      let b = cosine * beside[i]
      let r = (f * f + g * g).squareRoot()
      beside[i + 1] = r
      if r == 0 {
        diagonal[i + 1] -= p
        beside[m] = 0
        return
      }
      sine = f / r
      cosine = g / r
      let shifted = diagonal[i + 1] - p
      let t = (diagonal[i] - shifted) * sine + 2 * cosine * b
      p = sine * t
      diagonal[i + 1] = shifted + p
      g = cosine * t - b
      let (c, s) = (cosine, sine)
      basis.withUnsafeMutableBufferPointer { basis in
        let (upper, lower) = (i * n, (i + 1) * n)
        for k in 0..<n {
          let (x, y) = (basis[upper + k], basis[lower + k])
          basis[lower + k] = s * x + c * y
          basis[upper + k] = c * x - s * y
        }
      }
    }
    diagonal[l] -= p
    beside[l] = g
    beside[m] = 0
  }
}
