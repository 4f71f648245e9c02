import Robustness
import Tensors

/// The minimisations of `CarliniWagner` on one example.
struct PenaltyDescent {
  let oracle: Oracle
  /// The length that counts as 1.
  let unit: Double
  /// The numbers that stand for the point.
  var free: Tensor<Float>
  /// The nearest point at which the goal was reached.
  var nearest: NearestPoint

  /// The pixels that may change, for L0; the others stay at the example.
  private(set) var pixels: PixelSet
  /// The last point at which the goal was reached, and the gradient of the margin there.
  private var reached: (point: Tensor<Float>, gradient: Tensor<Float>, pixels: PixelSet)?

  private let attack: CarliniWagner
  private let objective: any Objective
  private let domain: any FeasibleSet
  private let variables: ChangeOfVariables
  private let start: Tensor<Float>

  init(_ attack: CarliniWagner, _ problem: Problem, _ oracle: Oracle) throws {
    self.attack = attack
    self.oracle = oracle
    objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    domain = try problem.domain
    unit = domain.hull.unit
    variables = ChangeOfVariables(domain)
    start = variables.start
    free = start
    pixels = PixelSet(shape: domain.center.shape)
    nearest = NearestPoint(domain)
  }

  /// Goes back to the example.
  mutating func restart() { free = start }

  /// Takes the pixels out that matter least to the margin where the goal was reached last.
  ///
  /// - Parameter share: How many of those that may change, one at least.
  /// - Returns: How many; 0 if that would leave none.
  mutating func dropPixels(share: Double) -> Int {
    guard let reached else { return 0 }
    let moves = reached.point - domain.center
    pixels = reached.pixels
    return pixels.drop(share: share, leastOf: moves.zip(reached.gradient) { $0 * $1 }, moves: moves)
  }

  /// One minimisation.
  ///
  /// - Parameters:
  ///   - constant: The weight of the goal.
  ///   - limit: What magnitudes may be without penalty; `nil` for a penalty on the squared length.
  /// - Returns: Whether the goal was reached; if there is a limit, nearer than ever before.
  /// - Throws: What the oracle throws.
  mutating func run(constant: Double, limit: Double?) async throws -> Bool {
    var adam = AdamDescent(shape: free.shape, rate: attack.rate)
    var lowest = Double.infinity
    var isReached = false
    let farthest = nearest.distance
    let pause = max(attack.steps / 10, 1)
    for step in 0..<attack.steps {
      let x =
        pixels.isWhole
        ? variables.point(free) : pixels.kept(variables.point(free), else: domain.center)
      let answer = try await oracle.gradient(at: x, of: objective)
      let isConfident = answer.margin >= attack.confidence
      if answer.reachesGoal, isConfident {
        nearest.note(x)
        if oracle.isSolved { return true }
        reached = (x, answer.gradient, pixels)
        isReached = isReached || limit == nil || nearest.distance < farthest
        if let limit, domain.distance(of: x) <= limit * unit { return true }
      }
      let (penalty, slopes) = penalty(
        at: x, limit: limit, plus: isConfident ? nil : answer.gradient, times: -constant)
      let loss = penalty + constant * max(-answer.margin, -attack.confidence)
      if limit == nil, step % pause == 0 {
        if loss > 0.9999 * lowest { break }
        lowest = loss
      }
      let pulled = variables.pullback(slopes, at: free)
      adam.descend(
        &free, along: pixels.isWhole ? pulled : pixels.kept(pulled, else: .zeros(pulled.shape)))
    }
    return isReached
  }

  /// The penalty on the move and its gradient, plus a multiple of another one.
  private func penalty(
    at x: Tensor<Float>, limit: Double?, plus gradient: Tensor<Float>?, times factor: Double
  ) -> (Double, Tensor<Float>) {
    let scale = Float(1 / unit)
    let bound = Float(limit ?? 0)
    var sum = 0.0
    let slopes = x.zip(domain.center) { value, start in
      let move = (value - start) * scale
      if limit == nil {
        sum += Double(move * move)
        return 2 * move * scale
      }
      let excess = move.magnitude - bound
      guard excess > 0 else { return 0 }
      sum += Double(excess)
      return move > 0 ? scale : -scale
    }
    guard let gradient else { return (sum, slopes) }
    let weight = Float(factor)
    return (sum, slopes.zip(gradient) { $0 + weight * $1 })
  }
}
