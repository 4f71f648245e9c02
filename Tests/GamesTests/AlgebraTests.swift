import Foundation
import Games
import Testing

/// Matrices, eigenvalues and domains, against what is known of them.
@Suite struct AlgebraTests {
  @Test func spectralRadiiOfKnownMatrices() {
    #expect(Matrix([[0, -2], [2, 0]]).spectralRadius == 2)
    #expect(abs(Matrix([[3, 1], [0, 3]]).spectralRadius - 3) < 1e-7)
    // A permutation has all roots of 1.
    let size = 7
    var permutation = Matrix(rows: size, columns: size)
    for row in 0..<size { permutation[row, (row + 1) % size] = 1 }
    #expect(abs(permutation.spectralRadius - 1) < 1e-12)
    // A companion matrix has the roots of its polynomial: (z - 5)(z + 2)(z - 1)(z^2 + 1).
    let companion = Matrix([
      [4, 6, -6, 7, -10], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0],
    ])
    #expect(abs(companion.spectralRadius - 5) < 1e-12)
    #expect(Matrix([[.nan]]).spectralRadius.isNaN)
  }

  @Test func spectralRadiiOfOrthogonalSimilarities() {
    for seed in 0..<50 {
      var drawing = Drawing(seed)
      let size = drawing.integer(2...30)
      // Blocks on the diagonal, mixed by reflections, which change no eigenvalue.
      var matrix = Matrix(rows: size, columns: size)
      var radius = 0.0
      for place in stride(from: 0, to: size - 1, by: 2) {
        let (length, angle) = (drawing.uniform(0...2), drawing.uniform(0...6))
        matrix[place, place] = length * cos(angle)
        matrix[place + 1, place + 1] = length * cos(angle)
        matrix[place, place + 1] = -length * sin(angle)
        matrix[place + 1, place] = length * sin(angle)
        radius = max(radius, length)
      }
      for _ in 0..<5 {
        let vector = drawing.vector(size)
        let square = vector.reduce(0) { $0 + $1 * $1 }
        func reflected(_ other: [Double]) -> [Double] {
          let share = 2 * zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 } / square
          return zip(other, vector).map { $0 - share * $1 }
        }
        matrix = Matrix((0..<size).map { reflected(matrix.row($0)) })
        matrix = Matrix((0..<size).map { reflected(matrix.column($0)) }).transposed
      }
      #expect(abs(matrix.spectralRadius - radius) < 1e-12 * Double(size))
    }
  }

  @Test func singularValuesAreThoseOfTheGramMatrix() {
    for seed in 0..<30 {
      var drawing = Drawing(seed)
      let matrix = drawing.matrix(drawing.integer(1...12), drawing.integer(1...12))
      let sigmas = matrix.singularValues
      #expect(sigmas.count == min(matrix.rows, matrix.columns))
      #expect(sigmas == sigmas.sorted(by: >))
      let squares = matrix.values.reduce(0) { $0 + $1 * $1 }
      #expect(abs(sigmas.reduce(0) { $0 + $1 * $1 } - squares) < 1e-10 * squares)
      let gram = Matrix((0..<matrix.columns).map { matrix.transposedTimes(matrix.column($0)) })
      #expect(abs(gram.spectralRadius.squareRoot() - sigmas[0]) < 1e-10 * sigmas[0])
    }
  }

  @Test func projectionsOntoProbabilitiesAreNearest() {
    var drawing = Drawing(1)
    for _ in 0..<200 {
      let count = drawing.integer(1...9)
      let point = drawing.vector(count).map { 2 * $0 }
      let near = Domain.simplex.projection(of: point)
      #expect(near.allSatisfy { $0 >= 0 } && abs(near.reduce(0, +) - 1) < 1e-12)
      #expect(zip(Domain.simplex.projection(of: near), near).allSatisfy { abs($0 - $1) < 1e-12 })
      let distance = zip(near, point).map { $0 - $1 }.length
      for _ in 0..<20 {
        let other = drawing.mixture(count)
        #expect(distance <= zip(other, point).map { $0 - $1 }.length + 1e-12)
      }
    }
    #expect(Domain.interval(-1...2).projection(of: [-3, 0.5, 3]) == [-1, 0.5, 2])
  }
}
