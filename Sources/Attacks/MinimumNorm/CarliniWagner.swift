import CKernels
public import Robustness
import Tensors

/// The attack of Carlini and Wagner, for L2, L-infinity and L0.
///
/// L2: Adam minimises |x - x_0|^2 + c max(-m(x), -kappa) over w, where x = bounds of (1 + tanh w) / 2 and m is the margin of
/// the goal. c is multiplied by 10 until the goal is reached and then halves the interval between the largest constant
/// that failed and the smallest that did not. In the end the nearest point is drawn toward the example as far as the goal
/// stays reached, unless a margin is asked for.
///
/// L-infinity: Adam minimises c max(-m(x), -kappa) + the sum of max(|x_i - x_0i| - tau, 0), going on from the last point,
/// with tau 0.9 times the smallest distance so far. A minimisation ends where the goal is reached within tau; after one
/// that found nothing nearer c is doubled, or multiplied by 10 while nothing was found at all. Where that is of no use the
/// factor becomes 0.95 and then 0.97, with the last c that was.
///
/// L0: the L2 attack, c growing until the goal is reached, on fewer and fewer pixels: a fifth of those that it moved is taken
/// out, those with the least g_i d_i, with the gradient g of the margin and the move d; where the attack then fails, a
/// quarter as many, one at least.
///
/// Lengths are in units of the data's range. For L2 and L0 a minimisation ends early where a tenth of its steps has not
/// lowered the loss.
///
/// Carlini and Wagner, "Towards evaluating the robustness of neural networks", 2017,
/// https://arxiv.org/abs/1608.04644.
///
/// Cost: at most a gradient per step and constant; for L-infinity per step and minimisation, 64 of them at most; for L0
/// per set of pixels too, at most 64. Guarantee: on affine models within 5 % of the smallest distance, except for L0.
public struct CarliniWagner: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "cw"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .zero]

  /// The number of Adam's steps for one constant.
  public var steps = 1000
  /// How many constants are tried; for L-infinity how many in a row may find nothing nearer.
  public var constants = 9
  /// The first constant.
  public var constant = 1e-3
  /// Adam's rate.
  public var rate = 0.01
  /// The margin asked for, kappa.
  public var goalMargin = 0.0

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .constants(\.constants), .constant(\.constant), .rate(\.rate),
    .goalMargin(\.goalMargin),
  ]

  private static let limits = 64

  /// A gradient per step, constant and limit.
  public var budget: Passes {
    .gradients(steps * constants * Self.limits) + NearestPoint.costOfSection
  }

  /// Searches by the norm.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var descent = try PenaltyDescent(self, problem, oracle)
    switch problem.threat.norm {
    case .two: try await searchEuclidean(&descent)
    case .infinity: try await searchLargest(&descent)
    default: try await searchPixels(&descent)
    }
    return Candidate(descent.nearest.point)
  }

  /// The binary search over the constant.
  private func searchEuclidean(_ descent: inout PenaltyDescent) async throws {
    var search = ConstantSearch(from: constant)
    for _ in 0..<constants {
      descent.restart()
      let isReached = try await descent.run(constant: search.constant, limit: nil)
      if descent.oracle.isSolved { return }
      search.note(isReached: isReached)
    }
    if goalMargin == 0 { try await descent.nearest.drawBack(using: descent.oracle) }
  }

  /// The descent of the limit on magnitudes.
  private func searchLargest(_ descent: inout PenaltyDescent) async throws {
    var limit = 1.0
    var factor = 0.9
    var constant = constant
    var sufficient = constant
    var failures = 0
    for _ in 0..<Self.limits {
      let isNearer = try await descent.run(constant: constant, limit: limit)
      if descent.oracle.isSolved { return }
      if isNearer {
        (failures, sufficient) = (0, constant)
      } else {
        failures += 1
        constant *= descent.nearest.isFound ? 2 : 10
        if failures == constants {
          guard descent.nearest.isFound, factor < 0.97 else { return }
          factor = factor.squareRoot()
          (failures, constant) = (0, sufficient)
        }
      }
      guard descent.nearest.isFound else { continue }
      limit = factor * descent.nearest.distance / descent.unit
      if limit < 1e-5 { return }
    }
  }

  /// The descent of the number of pixels.
  private func searchPixels(_ descent: inout PenaltyDescent) async throws {
    var share = 0.2
    var dropped = 0
    var constant = constant
    for _ in 0..<Self.limits {
      var isReached = false
      let begin = descent.free
      for _ in 0..<constants where !isReached {
        isReached = try await descent.run(constant: constant, limit: nil)
        if descent.oracle.isSolved { return }
        if !isReached { constant *= descent.nearest.isFound ? 2 : 10 }
      }
      if !isReached {
        guard descent.nearest.isFound, dropped > 1 else { return }
        descent.free = begin
        constant = self.constant
        share /= 4
      }
      dropped = descent.dropPixels(share: share)
      if dropped == 0 { return }
    }
  }
}

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
    return pixels.drop(share: share, leastOf: moves * reached.gradient, moves: moves)
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
      let isFarEnough = answer.margin >= attack.goalMargin
      if answer.reachesGoal, isFarEnough {
        nearest.note(x)
        if oracle.isSolved { return true }
        reached = (x, answer.gradient, pixels)
        isReached = isReached || limit == nil || nearest.distance < farthest
        if let limit, domain.distance(of: x) <= limit * unit { return true }
      }
      let (penalty, slopes) = penalty(
        at: x, limit: limit, plus: isFarEnough ? nil : answer.gradient, times: -constant)
      let loss = penalty + constant * max(-answer.margin, -attack.goalMargin)
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
    return (sum, slopes.advanced(by: Float(factor), along: gradient))
  }
}

/// Adam on the numbers that an attack chooses (Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980).
private struct AdamDescent {
  private var mean: [Float]
  private var variance: [Float]
  private var steps = 0.0
  private let rate: Double

  init(shape: Shape, rate: Double) {
    mean = Array(repeating: 0, count: shape.count)
    variance = mean
    self.rate = rate
  }

  /// One step down a gradient.
  mutating func descend(_ values: inout Tensor<Float>, along gradient: Tensor<Float>) {
    steps += 1
    let corrections = (1 - Double.pow(0.9, steps), 1 - Double.pow(0.999, steps))
    values.withUnsafeMutableScalars {
      gibbon_adam(
        $0.baseAddress, &mean, &variance, gradient.scalars, $0.count, Float(rate), 0.9, 0.999, 1e-8,
        0, Float(corrections.0), Float(corrections.1))
    }
  }
}

/// The pixels of an example that may change: places of a C x H x W example, or single values of others.
struct PixelSet {
  private var isIn: [Bool]

  /// All of them.
  init(shape: Shape) {
    isIn = [Bool](repeating: true, count: shape.pixelCount)
  }

  /// Whether no pixel has been taken out.
  var isWhole: Bool { !isIn.contains(false) }

  /// The values at pixels of the set, and those of another tensor elsewhere.
  func kept(_ values: Tensor<Float>, else other: Tensor<Float>) -> Tensor<Float> {
    var result = other
    for start in stride(from: 0, to: values.count, by: isIn.count) {
      for pixel in isIn.indices where isIn[pixel] { result[start + pixel] = values[start + pixel] }
    }
    return result
  }

  /// Takes pixels out: those that do not move, and a share of the rest, the lowest by the sum of some scores over their
  /// channels.
  ///
  /// - Returns: How many that move; 0 if none of them would be left.
  mutating func drop(share: Double, leastOf scores: Tensor<Float>, moves: Tensor<Float>) -> Int {
    var sums = [Float](repeating: 0, count: isIn.count)
    var sizes = sums
    for start in stride(from: 0, to: scores.count, by: isIn.count) {
      for pixel in isIn.indices {
        sums[pixel] += scores[start + pixel]
        sizes[pixel] += moves[start + pixel].magnitude
      }
    }
    for pixel in isIn.indices where sizes[pixel] == 0 { isIn[pixel] = false }
    let moving = isIn.indices.filter { isIn[$0] }.sorted { (sums[$0], $0) < (sums[$1], $1) }
    let count = max(1, Int(share * Double(moving.count)))
    guard count < moving.count else { return 0 }
    for pixel in moving.prefix(count) { isIn[pixel] = false }
    return count
  }
}
