import Models
public import Robustness
import Tensors

/// The pointwise attack: noise, from which pixels are put back as long as the goal stays reached; by L0 (pixels),
/// from labels.
///
/// Salt-and-pepper noise of growing share gives a first point. Then pixels are put back in random order, in groups
/// that double in size where that succeeds and are halved where it does not, until no single pixel can be put back:
/// so every pixel that is left is needed, as in the paper, whose groups are single pixels. What the groups save of the
/// queries goes to further draws of noise, and the point with the fewest pixels counts.
///
/// Schott, Rauber, Bethge and Brendel, "Towards the first adversarially robust neural network model on MNIST",
/// 2019, https://arxiv.org/abs/1805.09190.
///
/// Cost: at most `queries` forwards per attempt. Guarantee: none, since fewest of one noise is not fewest of all.
public struct Pointwise: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "pointwise"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.zero]

  /// The most forward passes.
  public var queries = 2000
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries), .restarts(\.restarts),
  ]

  /// Draws noise, and puts pixels back.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    let domain = try problem.domain
    let pixels = Pixels(domain)
    var randomness = oracle.randomness("pointwise")
    var nearest = NearestPoint(domain)
    var rest = oracle.left
    while !oracle.isSolved,
      let start = try await noisy(domain, pixels, &rest, using: &randomness, oracle)
    {
      nearest.note(start)
      try await putBack(start, &nearest, pixels, &rest, using: &randomness, oracle)
    }
    return Candidate(nearest.point)
  }

  /// Puts pixels back until every one is needed, and notes the points on the way.
  private func putBack(
    _ start: Tensor<Float>, _ nearest: inout NearestPoint, _ pixels: Pixels, _ rest: inout Int,
    using randomness: inout Philox, _ oracle: some LabelOracle
  ) async throws {
    var x = start
    var isProgress = true
    while isProgress {
      isProgress = false
      let changed = pixels.changed(x)
      var order = randomness.permutation(of: changed.count).map { changed[$0] }
      var size = 1
      while !order.isEmpty, rest > 0, !oracle.isSolved {
        let group = order.suffix(size)
        let trial = pixels.restoring(group, in: x)
        rest -= 1
        if try await oracle.label(at: trial).reachesGoal {
          x = trial
          nearest.note(x)
          order.removeLast(group.count)
          isProgress = true
          size *= 2
        } else if group.count > 1 {
          size = group.count / 2
        } else {
          order.removeLast()
          size = 1
        }
      }
    }
  }

  /// The point of the smallest share of salt and pepper that reaches the goal, of some draws at once; `nil` if
  /// there is none.
  private func noisy(
    _ domain: any FeasibleSet, _ pixels: Pixels, _ rest: inout Int,
    using randomness: inout Philox, _ oracle: some LabelOracle
  ) async throws -> Tensor<Float>? {
    let draws = min(8, max(queries / 8, 1))
    for level in 1...8 where rest >= draws {
      let share = Float(level * level) / 64
      let points = (0..<draws).map { _ in
        salted(domain, share: share, pixels, using: &randomness)
      }
      rest -= draws
      let answers = try await oracle.labels(at: points)
      if let first = answers.firstIndex(where: { $0.reachesGoal }) { return points[first] }
    }
    return nil
  }

  private func salted(
    _ domain: any FeasibleSet, share: Float, _ pixels: Pixels, using randomness: inout Philox
  ) -> Tensor<Float> {
    var point = domain.center
    for pixel in 0..<pixels.count where randomness.uniform() < share {
      for index in pixels.indices(of: pixel) {
        let isSalt = randomness.next32() & 1 == 0
        point[index] = isSalt ? domain.hull.upper[index] : domain.hull.lower[index]
      }
    }
    return point
  }
}
