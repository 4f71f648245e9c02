public import Robustness
import Tensors

/// The attack by the Jacobian's saliency map: two pixels at a time, by L0 (pixels).
///
/// With z_t the target's output, each step moves by theta those pixels p and q for which -(sum of the changes of
/// z_t) (sum of the changes of sum over j != t of z_j) is largest, the first sum being above zero and the second
/// below, to first order; a pixel at the end of its range is done with. Changes are counted as far as the bounds
/// let them go, and a pixel stands for all of its channels. With `up` values only rise, as in the paper, with
/// `down` they only fall; with `both` each takes the better way (Wiyatno and Xu, "Maximal Jacobian-based saliency
/// map attack", 2018, https://arxiv.org/abs/1808.07945). Where no pair has both signs, the one that raises z_t -
/// sum of z_j most is moved. A class to be missed is missed toward each of the nearest others in turn. In the end
/// pixels that proved needless are put back. A goal without classes has its margin in the place of both sums.
///
/// Papernot, McDaniel, Jha, Fredrikson, Celik and Swami, "The limitations of deep learning in adversarial
/// settings", 2016, https://arxiv.org/abs/1511.07528.
///
/// Cost: two forwards and backwards per step and target, and `PixelReduction`'s forwards. Guarantee: none, since
/// the product prefers balanced pairs to those that raise the margin most, and pixels come two by two.
public struct JSMA: MinimumNormAttack {
  /// Which way values move.
  public enum Direction: String, Sendable, Hashable, CaseIterable {
    /// Upwards only, as in the paper.
    case up
    /// Downwards only.
    case down
    /// Each the better way.
    case both
  }

  /// The name on the command line.
  public static let name = "jsma"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.zero]

  /// How far a value moves in one step, in units of the widest range.
  public var theta = 1.0
  /// The largest share of the pixels that may change; two always may.
  public var gamma = 0.1
  /// The most steps toward one target.
  public var steps = 100
  /// How many of the nearest targets are tried.
  public var targets = 3
  /// Which way values may move.
  public var direction = Direction.both
  /// The most forward passes for putting pixels back.
  public var reduction = 200

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .number(
      "theta", \.theta, 1e-6...1, "how far a value moves in one step, in units of the widest range"),
    .number("gamma", \.gamma, 0...1, "largest share of the pixels that may change"),
    .steps(\.steps),
    .integer(
      "target-classes", \.targets, 1...1_000_000, "how many of the nearest classes are tried"),
    .choice("direction", \.direction, "which way values may move"), .reduction(\.reduction),
  ]

  /// Two gradients per step and target and one look at the outputs more, and the reduction.
  public var budget: Passes {
    let gradients = Passes.gradients(2 * targets * steps)
    return gradients + Passes(forward: 1 + targets + reduction)
  }

  /// Moves pixels toward each target.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let domain = try problem.domain
    let pixels = Pixels(domain)
    var nearest = NearestPoint(domain)
    let outputs = try await oracle.scores(at: domain.center).outputs
    for way in problem.goal.alternatives(at: outputs, limit: targets) {
      try await climb(way, domain, pixels, &nearest, oracle)
      if oracle.isSolved { return Candidate(nearest.point) }
    }
    try await PixelReduction(passes: reduction).reduce(&nearest, pixels, using: oracle)
    return Candidate(nearest.point)
  }

  /// Moves pixels toward one target, until it is reached or no more pixels may change.
  private func climb(
    _ way: (objective: any Objective, target: Int?), _ domain: any FeasibleSet, _ pixels: Pixels,
    _ nearest: inout NearestPoint, _ oracle: Oracle
  ) async throws {
    let length = Float(theta * pixels.unit)
    let most = min(max(gamma * Double(pixels.count), 2), nearest.distance - 1)
    var isOpen = [Bool](repeating: true, count: pixels.count)
    var isChanged = [Bool](repeating: false, count: pixels.count)
    var changes = 0
    var x = domain.center
    for _ in 0..<steps {
      let gradients = try await gradients(at: x, of: way, oracle)
      if gradients.reachesGoal {
        nearest.note(x)
        return
      }
      let map = SaliencyMap(
        pixels, at: x, hull: domain.hull, target: gradients.target, others: gradients.others,
        length: length, direction: direction, isOpen: isOpen)
      guard let pair = map.pair else { return }
      for pixel in Set([pair.0, pair.1]) {
        if !isChanged[pixel] { changes += 1 }
        isChanged[pixel] = true
        for index in pixels.indices(of: pixel) { x[index] = map.moved[index] }
        isOpen[pixel] = pixels.indices(of: pixel).contains {
          x[$0] > domain.hull.lower[$0] && x[$0] < domain.hull.upper[$0]
        }
      }
      if Double(changes) > most { return }
    }
    if try await oracle.scores(at: x).reachesGoal { nearest.note(x) }
  }

  /// The gradients of the target's output and of the sum of the others.
  private func gradients(
    at x: Tensor<Float>, of way: (objective: any Objective, target: Int?), _ oracle: Oracle
  ) async throws -> (target: Tensor<Float>, others: Tensor<Float>, reachesGoal: Bool) {
    guard let target = way.target else {
      let answer = try await oracle.gradient(at: x, of: way.objective)
      return (answer.gradient, -1 * answer.gradient, answer.reachesGoal)
    }
    let own = try await oracle.gradient(
      at: x, of: WeightedOutputs(output: target, isSumOfOthers: false))
    if own.reachesGoal { return (own.gradient, own.gradient, true) }
    let others = try await oracle.gradient(
      at: x, of: WeightedOutputs(output: target, isSumOfOthers: true))
    return (own.gradient, others.gradient, false)
  }
}

/// What each pixel can do for a target: the saliency map of `JSMA`.
struct SaliencyMap {
  /// What moving a pixel adds to the target's output, and takes from the sum of the others, to first order.
  private(set) var gains: [Float]
  private(set) var losses: [Float]

  /// The point with every pixel moved.
  let moved: Tensor<Float>

  init(
    _ pixels: Pixels, at point: Tensor<Float>, hull: Box, target: Tensor<Float>,
    others: Tensor<Float>, length: Float, direction: JSMA.Direction, isOpen: [Bool]
  ) {
    var gains = [Float](repeating: 0, count: pixels.count)
    var losses = gains
    var moved = point
    for channel in 0..<pixels.channels {
      let start = channel * pixels.count
      for pixel in 0..<pixels.count where isOpen[pixel] {
        let index = start + pixel
        let (rise, fall) = (target[index], -others[index])
        let isUp = direction == .up || (direction == .both && rise + fall > 0)
        let aim = point[index] + (isUp ? length : -length)
        let value = min(max(aim, hull.lower[index]), hull.upper[index])
        let move = value - point[index]
        // A channel that pulls the wrong way stays.
        guard move * (rise + fall) > 0 || direction != .both else { continue }
        moved[index] = value
        gains[pixel] += move * rise
        losses[pixel] += move * fall
      }
    }
    (self.gains, self.losses, self.moved) = (gains, losses, moved)
  }

  /// The pixels p and q of the largest (a_p + a_q)(b_p + b_q), with a the gains and b the losses, among the pairs
  /// of which both sums are above zero; if there are none, the pair of the largest sum of all four, if above zero.
  ///
  /// With s = l a + b / l a product is at most (s_p + s_q)^2 / 4, so that few pixels can be part of a better pair
  /// than one at hand.
  var pair: (Int, Int)? {
    let sizes = gains.indices.reduce(into: (gain: Float(1e-30), loss: Float(1e-30))) {
      $0.gain = max($0.gain, gains[$1])
      $0.loss = max($0.loss, losses[$1])
    }
    let weight = (sizes.loss / sizes.gain).squareRoot()
    let sums = gains.indices.map { weight * gains[$0] + losses[$0] / weight }
    guard let largest = sums.max(), largest.isFinite, largest > 0,
      let first = sums.firstIndex(of: largest)
    else { return nil }
    var best: (pair: (Int, Int), product: Float)?
    for other in gains.indices where other != first { improve(&best, first, other) }
    if let product = best?.product {
      let least = 2 * product.squareRoot() - largest
      let able = sums.indices.filter { sums[$0] >= least && $0 != first }
      improve(&best, among: able)
      return best?.pair
    }
    let able = sums.indices.filter { $0 != first && (gains[$0] != 0 || losses[$0] != 0) }
    improve(&best, among: able)
    if let best { return best.pair }
    guard let second = able.max(by: { sums[$0] < sums[$1] }), sums[second] > 0 else {
      return (first, first)
    }
    return (first, second)
  }

  private func improve(_ best: inout (pair: (Int, Int), product: Float)?, among able: [Int]) {
    for (place, one) in able.enumerated() {
      for other in able[(place + 1)...] { improve(&best, one, other) }
    }
  }

  private func improve(
    _ best: inout (pair: (Int, Int), product: Float)?, _ one: Int, _ other: Int
  ) {
    let gain = gains[one] + gains[other]
    let loss = losses[one] + losses[other]
    guard gain > 0, loss > 0, gain * loss > best?.product ?? 0 else { return }
    best = ((one, other), gain * loss)
  }
}

/// One output, or the sum of all the others.
struct WeightedOutputs: Objective {
  let output: Int
  let isSumOfOthers: Bool

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    var sum = 0.0
    for index in outputs.indices where (index == output) != isSumOfOthers {
      sum += Double(outputs[index])
    }
    guard let cotangent else { return sum }
    for index in outputs.indices {
      cotangent[index] = (index == output) != isSumOfOthers && !sum.isNaN ? 1 : 0
    }
    return sum
  }
}
