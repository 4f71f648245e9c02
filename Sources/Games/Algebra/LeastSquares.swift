/// Linear systems whose matrix is known by its products alone.
enum LeastSquares {
  /// Solves A x = b by conjugate gradients on the normal equations (CGLS).
  ///
  /// Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952. It needs no symmetry;
  /// of a singular system it finds the solution of least length.
  ///
  /// - Parameters:
  ///   - right: b.
  ///   - product: x to A x.
  ///   - transposed: y to A^T y.
  /// - Returns: x.
  /// - Throws: `GameError` where products are not finite; what the products throw.
  /// - Complexity: Up to four products of each kind for each number of b.
  static func solve(
    _ right: Profile, product: (Profile) async throws -> Profile,
    transposed: (Profile) async throws -> Profile
  ) async throws -> Profile {
    let count = right.reduce(0) { $0 + $1.count }
    var solution = right.zeros
    var rest = right
    var slope = try await transposed(rest)
    var direction = slope
    var square = slope.dot(slope)
    let goal = square * 1e-30
    for _ in 0..<max(20, 4 * count) {
      guard square.isFinite else { throw GameError("second derivatives are not finite") }
      guard square > goal, square > 0 else { break }
      let image = try await product(direction)
      let length = image.dot(image)
      guard length > 0 else { break }
      let step = square / length
      solution = solution.plus(direction, times: step)
      rest = rest.plus(image, times: -step)
      slope = try await transposed(rest)
      let next = slope.dot(slope)
      direction = slope.plus(direction, times: next / square)
      square = next
    }
    return solution
  }
}
