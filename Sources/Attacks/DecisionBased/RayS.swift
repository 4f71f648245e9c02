public import Robustness
import Tensors

/// RayS: the nearest boundary in the direction of a vector of signs, from labels only.
///
/// With s in {-1, 1}^d and r the least radius found at which x + r s, cut by the bounds, reaches the goal: the signs
/// of blocks of values are flipped in turn, first of all, then of halves, quarters and so on; a flip is kept if the
/// goal is still reached at r, and r is then made as small as it gets along the new s. A rejected flip costs one
/// query. After single values it begins anew, and ends when nothing was gained.
///
/// Where no vector of signs so far reaches the goal, however far, random ones of blocks are tried. The least radius is
/// looked for by steps that double, then by bisection; the paper bisects from zero.
///
/// Chen and Gu, "RayS: a ray searching method for hard-label adversarial attack", 2020,
/// https://arxiv.org/abs/2006.12792.
///
/// Cost: at most `queries` forwards. Guarantee: on affine two-class models, the least distance up to a factor of 1.05
/// with the standard options, once a start was found.
public struct RayS: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "rays"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity]

  /// The most queries.
  public var queries = 10_000

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .exampleQueries(\.queries)
  ]

  /// Flips signs.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    try await LabelSearch.run(problem, oracle) { try await flip(&$0) }
  }

  private func flip(_ search: inout LabelSearch<some LabelOracle>) async throws {
    let count = search.center.count
    var (signs, radius) = try await start(&search)
    var gain = radius / 2
    radius = try await search.shortened(signs, radius, gain: gain, tolerance: 5e-4)
    while true {
      var hasGained = false
      var size = count
      while true {
        for first in stride(from: 0, to: count, by: size) {
          var attempt = signs
          for index in first..<min(first + size, count) { attempt[index] = -attempt[index] }
          let candidate = search.point(along: attempt, at: radius)
          // Nothing changes where the mask or the bounds hold all of the block.
          if candidate == search.point(along: signs, at: radius) { continue }
          guard try await search.reaches(candidate) else { continue }
          let shorter = try await search.shortened(attempt, radius, gain: gain, tolerance: 5e-4)
          hasGained = hasGained || shorter < radius
          (gain, radius, signs) = ((radius - shorter) / 2, shorter, attempt)
        }
        if size == 1 { break }
        size = (size + 1) / 2
      }
      if !hasGained { return }
    }
  }

  /// Signs, and a radius at which they reach the goal.
  private func start(
    _ search: inout LabelSearch<some LabelOracle>
  ) async throws -> (Tensor<Float>, Double) {
    let ones = Tensor<Float>(repeating: 1, shape: search.center.shape)
    let radius = search.farthest
    if try await search.reaches(search.point(along: ones, at: radius)) { return (ones, radius) }
    var randomness = search.oracle.randomness("start")
    var draw = 0
    while true {
      let side = [16, 8, 4, 2, 1][draw % 5]
      let signs =
        draw == 0
        ? -1 * ones : randomness.blocks(of: side, ones.shape).map { $0 < 0.5 ? -1 : 1 }
      if try await search.reaches(search.point(along: signs, at: radius)) { return (signs, radius) }
      draw += 1
    }
  }
}
