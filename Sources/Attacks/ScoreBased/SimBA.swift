public import Robustness
import Tensors

/// Simple black-box attack: one direction of an orthonormal basis after the other, kept if it helps.
///
/// z' = Proj(z + a q), and if that does not help Proj(z - a q), for directions q in random order without repetition:
/// single values, or cosines over the picture of low frequency (`Basis.cosine`). z' is kept where L grows. A value that
/// has no room on a side is not asked about there.
///
/// Guo, Gardner, You, Wilson and Weinberger, "Simple black-box adversarial attacks", 2019,
/// https://arxiv.org/abs/1905.07121. L is the cross-entropy, which grows as the probability falls that the paper looks
/// at; here the search also stays inside the threat.
///
/// Cost: at most `queries` forwards per attempt; it stops where the goal is reached. Guarantee: none.
public struct SimBA: ScoreAttack, QueryAttack {
  /// What the picture is changed along.
  public enum Basis: String, Sendable, Hashable, CaseIterable {
    /// Single values.
    case pixel
    /// Products of a cosine down and one across.
    case cosine = "dct"
  }

  /// The name on the command line.
  public static let name = "simba"

  /// The most queries of one attempt.
  public var queries = 10_000
  /// The Euclidean length of a step, in the units of the data.
  public var stepSize = 0.2
  /// The directions.
  public var basis = Basis.pixel
  /// The share of frequencies, down and across, that cosines have.
  public var frequencies = 0.5
  /// What to maximise; `nil` for the cross-entropy, and for the margin where that is not defined.
  public var loss: Loss?
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries),
    .number("step-size", \.stepSize, 0...1e30, "length of a step along a direction"),
    .choice("basis", \.basis, "directions: single values, or cosines over the picture"),
    .number(
      "frequencies", \.frequencies, 0...1,
      "share of the frequencies, down and across, that cosines have"),
    .objective(\.loss, "cross-entropy"), .restarts(\.restarts),
  ]

  /// Goes along one direction after the other.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    let objective = try ScoredObjective(
      loss, problem, outputCount: oracle.outputCount, preferred: .crossEntropy)
    var randomness = oracle.randomness("directions")
    let directions = Directions(basis, region.center.shape, frequencies)
    var z = region.center
    guard region.radius > 0, region.hull.lower != region.hull.upper else { return Candidate(z) }
    let start = try await oracle.scores(at: z)
    var best = objective.value(of: start)
    var left = queries - 1
    while left > 0 {
      let before = left
      for place in randomness.permutation(of: directions.count) {
        let sign: Float = randomness.next32() & 1 == 0 ? 1 : -1
        for step in [sign, -sign] {
          let next = region.projection(
            of: directions.moved(z, along: place, by: step * Float(stepSize)))
          if next == z { continue }
          guard left > 0 else { return Candidate(z) }
          left -= 1
          let scores = try await oracle.scores(at: next)
          if scores.reachesGoal { return Candidate(next) }
          let value = objective.value(of: scores)
          guard value > best || best.isNaN else { continue }
          best = value
          z = next
          break
        }
      }
      // No direction had any room.
      if left == before { break }
    }
    return Candidate(z)
  }
}

extension SimBA {
  /// The orthonormal directions of a basis.
  struct Directions: Sendable {
    /// The number of directions.
    let count: Int
    private let basis: Basis
    private let grid: SquareGrid
    /// The cosines of every frequency: down and across, a row of values each.
    private var down: [[Float]] = []
    private var across: [[Float]] = []

    init(_ basis: Basis, _ shape: Shape, _ frequencies: Double) {
      self.basis = basis
      grid = SquareGrid(shape)
      if basis == .cosine {
        down = Directions.cosines(grid.height, frequencies)
        across = Directions.cosines(grid.width, frequencies)
      }
      count = basis == .pixel ? shape.count : grid.channels * down.count * across.count
    }

    /// A point moved along a direction.
    func moved(_ z: Tensor<Float>, along direction: Int, by step: Float) -> Tensor<Float> {
      var next = z
      if basis == .pixel {
        next[direction] += step
        return next
      }
      let row = down[direction / across.count % down.count]
      let column = across[direction % across.count]
      let base = direction / (across.count * down.count) * grid.area
      next.withUnsafeMutableScalars { next in
        for y in row.indices {
          let first = y * grid.width
          let factor = step * row[y]
          for x in 0..<max(min(grid.width, grid.area - first), 0) {
            next[base + first + x] += factor * column[x]
          }
        }
      }
      return next
    }

    /// The lowest rows of the discrete cosine transform of a length (DCT-II, orthonormal).
    private static func cosines(_ length: Int, _ share: Double) -> [[Float]] {
      let count = min(max(Int((share * Double(length)).rounded()), 1), length)
      return (0..<count).map { frequency in
        let scale = ((frequency == 0 ? 1 : 2) / Double(length)).squareRoot()
        return (0..<length).map { place in
          let angle = Double.pi * (Double(place) + 0.5) * Double(frequency) / Double(length)
          return Float(scale * Double.cos(angle))
        }
      }
    }
  }
}
