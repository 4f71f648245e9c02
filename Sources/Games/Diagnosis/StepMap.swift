extension Game {
  /// The linear map that a step of a solver is: exactly where gradients are affine, elsewhere near a point of rest.
  ///
  /// The map acts on all that is carried from step to step: what all have chosen, then what the solver remembers. It is
  /// recovered by running the solver itself from the point and from as many points beside it. Its spectral radius is
  /// the factor by which the distance changes in the long run; single steps may grow nevertheless.
  ///
  /// - Parameters:
  ///   - solver: The solver; one whose step is differentiable.
  ///   - point: The point of rest; zero by default.
  ///   - width: How far away the points beside it are; 1 unless gradients are not affine.
  ///   - steps: The number of steps that it is told to have made, for solvers that begin otherwise.
  /// - Returns: The map's matrix.
  /// - Throws: What players throw.
  /// - Complexity: A step for each number carried.
  public func stepMap(
    of solver: any Solver, at point: Profile? = nil, width: Double = 1, steps: Int = 1
  ) async throws -> Matrix {
    let point = point ?? center.zeros
    let shape = [point] + [Profile](repeating: point.zeros, count: solver.memorySize)
    let start = shape.flatMap { $0.flatMap { $0 } }
    func image(_ numbers: [Double]) async throws -> [Double] {
      var rest = numbers[...]
      let parts = shape.map { part -> Profile in
        let count = part.reduce(0) { $0 + $1.count }
        defer { rest = rest.dropFirst(count) }
        return part.shaped(rest.prefix(count))
      }
      var state = SolverState(parts[0], memory: Array(parts.dropFirst()), steps: steps)
      try await solver.advance(&state, in: self)
      return ([state.profile] + state.memory).flatMap { $0.flatMap { $0 } }
    }
    let origin = try await image(start)
    var map = Matrix(rows: start.count, columns: start.count)
    for column in start.indices {
      var beside = start
      beside[column] += width
      let moved = try await image(beside)
      for row in start.indices { map[row, column] = (moved[row] - origin[row]) / width }
    }
    return map
  }
}
