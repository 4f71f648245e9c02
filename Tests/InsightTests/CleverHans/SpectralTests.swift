import Insight
import Tensors
import Testing

/// Eigenvalues against closed forms, and groups that are known.
@Suite struct SpectralTests {
  private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let n = vector.count
    return (0..<n).map { row in (0..<n).reduce(0) { $0 + matrix[row * n + $1] * vector[$1] } }
  }

  private func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The second differences of n points: 2 - 2 cos(k pi / (n + 1)).
  @Test(arguments: [1, 2, 3, 17, 60]) func aChainHasItsClosedForm(n: Int) {
    let matrix = (0..<n * n).map { place -> Double in
      switch abs(place / n - place % n) {
      case 0: 2
      case 1: -1
      default: 0
      }
    }
    let eigen = SymmetricEigen(matrix, order: n)
    for k in 1...n {
      let expected = 2 - 2 * Double.cos(Double(k) * .pi / Double(n + 1))
      #expect(abs(eigen.values[k - 1] - expected) < 1e-12)
    }
  }

  @Test(arguments: [2, 5, 40, 101]) func aRandomMatrixIsTakenApart(n: Int) {
    var generator = RandomKey(seed: 7).child(n).generator
    let draws = generator.normals([n, n]).scalars.map(Double.init)
    let matrix = (0..<n * n).map { draws[$0] + draws[$0 % n * n + $0 / n] }
    let eigen = SymmetricEigen(matrix, order: n)
    let size = (0..<n * n).reduce(0) { max($0, abs(matrix[$1])) } * Double(n)
    for k in 0..<n {
      let image = product(matrix, eigen.vectors[k])
      for (left, right) in zip(image, eigen.vectors[k]) {
        #expect(abs(left - eigen.values[k] * right) < 1e-13 * size)
      }
      for other in 0...k {
        #expect(abs(dot(eigen.vectors[k], eigen.vectors[other]) - (k == other ? 1 : 0)) < 1e-12)
      }
      if k > 0 { #expect(eigen.values[k - 1] <= eigen.values[k]) }
    }
  }

  @Test func repeatedEigenvaluesAreNoTrouble() {
    // Three blocks of ones: 0 many times, and the blocks' sizes.
    let n = 12
    let matrix = (0..<n * n).map { $0 / n / 4 == $0 % n / 4 ? 1.0 : 0 }
    let eigen = SymmetricEigen(matrix, order: n)
    #expect(eigen.values.prefix(9).allSatisfy { abs($0) < 1e-12 })
    #expect(eigen.values.suffix(3).allSatisfy { abs($0 - 4) < 1e-12 })
    #expect(SymmetricEigen([Double](repeating: 0, count: 9), order: 3).values == [0, 0, 0])
  }

  @Test(arguments: [2, 3, 5]) func heapsOfPointsAreTold(count: Int) {
    var generator = RandomKey(seed: 3).child(count).generator
    var points: [[Double]] = []
    for heap in 0..<count {
      for _ in 0..<20 + 5 * heap {
        let noise = generator.normals([3]).scalars.map { 0.1 * Double($0) }
        points.append([Double(heap) * 4 + noise[0], noise[1], noise[2]])
      }
    }
    let found = SpectralClustering(points, neighbours: 6, key: RandomKey(seed: 1))
    #expect(found.eigenvalues.prefix(count).allSatisfy { abs($0) < 1e-10 })
    #expect(found.eigenvalues[count] > 0.01)
    #expect(found.groups.count == count)
    #expect(found.groups.flatMap { $0 }.sorted() == Array(points.indices))
    for group in found.groups {
      #expect(Set(group.map { Int((points[$0][0] / 4).rounded()) }).count == 1)
    }
    let again = SpectralClustering(points, neighbours: 6, key: RandomKey(seed: 1))
    #expect(again.groups == found.groups)
  }
}
