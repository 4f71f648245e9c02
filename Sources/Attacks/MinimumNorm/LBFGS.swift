public import Robustness
import Tensors

/// Box-constrained L-BFGS on distance and cross-entropy, for L2: the first attack of all.
///
/// Minimises |x - x_0|^2 + c CE(f(x), t) within the bounds, for the nearest class t or the one that is asked for, and
/// looks for the smallest c whose minimum reaches the goal: c is multiplied by 10 until one does, then takes the geometric
/// mean of failure and success. Lengths are in units of the data's range. The minimisation is L-BFGS on the coordinates
/// that are not held by a bound, with steps projected onto the bounds and halved until they descend enough.
///
/// Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus, "Intriguing properties of neural networks", 2014,
/// https://arxiv.org/abs/1312.6199.
///
/// Cost: at most `steps` gradients per constant, those of the line search counted. Guarantee: on affine models within 5 % of
/// the smallest distance.
public struct LBFGS: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "lbfgs"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.two]

  /// The most gradients for one constant.
  public var steps = 50
  /// How many constants are tried.
  public var constants = 9
  /// The first constant.
  public var constant = 0.01

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .constants(\.constants), .constant(\.constant),
  ]

  /// A gradient per step and constant.
  public var budget: Passes { .gradients(steps * constants) + Passes(forward: 1) }

  /// Searches the constant.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var search = try await ConstrainedDescent(problem, oracle, steps: steps)
    var constants = ConstantSearch(from: constant, isGeometric: true)
    for _ in 0..<self.constants {
      let isReached = try await search.run(constant: constants.constant)
      if oracle.isSolved { break }
      constants.note(isReached: isReached)
    }
    return Candidate(search.nearest.point)
  }
}

/// The minimisations of `LBFGS` on one example.
struct ConstrainedDescent {
  /// The nearest point at which the goal was reached.
  private(set) var nearest: NearestPoint

  private let oracle: Oracle
  private let domain: any FeasibleSet
  private let objective: any Objective
  private let unit: Double
  private let steps: Int

  /// A point with the value and the gradient of what is minimised.
  private struct State {
    let x: Tensor<Float>
    let value: Double
    let gradient: Tensor<Float>
    let reachesGoal: Bool
  }

  init(_ problem: Problem, _ oracle: Oracle, steps: Int) async throws {
    self.oracle = oracle
    self.steps = steps
    domain = try problem.domain
    unit = domain.hull.unit
    nearest = NearestPoint(domain)
    let outputs = try await oracle.scores(at: domain.center).outputs
    let way = problem.goal.alternatives(at: outputs, limit: 1).first
    if let target = way?.target {
      objective = try Loss.crossEntropy.objective(
        for: .reach(target), outputCount: oracle.outputCount)
    } else {
      objective = problem.objective(preferring: .crossEntropy, outputCount: oracle.outputCount)
    }
  }

  /// One minimisation from the example on.
  ///
  /// - Returns: Whether the goal is reached where it ends; points that were tried on the way do not count.
  mutating func run(constant: Double) async throws -> Bool {
    var memory = LimitedMemory()
    var asked = 1
    var state = try await evaluate(domain.center, constant)
    while asked < steps {
      let steepest = free(state.gradient, at: state.x)
      var direction = free(memory.direction(against: steepest), at: state.x, like: steepest)
      if memory.isEmpty || !(direction.dot(state.gradient) < 0) {
        memory = LimitedMemory()
        let size = steepest.dot(steepest).squareRoot()
        guard size > 0, size.isFinite else { return state.reachesGoal }
        direction = Float(-unit / size) * steepest
      }
      var length: Float = memory.isEmpty ? 0.1 : 1
      var next: State?
      while asked < steps, next == nil, length > 1e-6 {
        let point = domain.hull.projection(
          of: state.x.advanced(by: length, along: direction))
        asked += 1
        let tried = try await evaluate(point, constant)
        if oracle.isSolved { return state.reachesGoal }
        let expected = state.gradient.dot(point - state.x)
        if tried.value <= state.value + 1e-4 * min(expected, 0) { next = tried }
        length *= 0.5
      }
      guard let next, next.x != state.x else {
        if memory.isEmpty { return state.reachesGoal }
        memory = LimitedMemory()
        continue
      }
      memory.note(move: next.x - state.x, change: next.gradient - state.gradient)
      if state.value - next.value <= 1e-7 * max(1, state.value.magnitude) {
        return next.reachesGoal
      }
      state = next
    }
    return state.reachesGoal
  }

  private mutating func evaluate(
    _ x: Tensor<Float>, _ constant: Double
  ) async throws -> State {
    let answer = try await oracle.gradient(at: x, of: objective)
    if answer.reachesGoal { nearest.note(x) }
    let distance = x.squaredDistance(to: domain.center)
    let (scale, weight) = (Float(2 / (unit * unit)), Float(constant))
    let gradient = x.zip(domain.center, answer.gradient) { scale * ($0 - $1) - weight * $2 }
    return State(
      x: x, value: distance / (unit * unit) - constant * answer.loss, gradient: gradient,
      reachesGoal: answer.reachesGoal)
  }

  /// A vector without the coordinates that a bound holds, by the gradient there.
  private func free(
    _ vector: Tensor<Float>, at x: Tensor<Float>, like gradient: Tensor<Float>? = nil
  ) -> Tensor<Float> {
    let held = x.zip(domain.hull.lower, domain.hull.upper, gradient ?? vector) {
      value, lower, upper, slope in
      slope == 0 || (slope > 0 ? value <= lower : value >= upper) ? 1 : 0
    }
    return held.zip(vector) { $0 == 1 ? 0 : $1 }
  }
}

/// The last moves and changes of the gradient, which stand for the inverse of the Hessian.
///
/// Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; Liu and Nocedal, 1989.
struct LimitedMemory {
  private var pairs: [(move: Tensor<Float>, change: Tensor<Float>, product: Double)] = []
  private static let most = 10

  /// Whether nothing is known.
  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a move and what it did to the gradient, if the curvature along it is positive.
  mutating func note(move: Tensor<Float>, change: Tensor<Float>) {
    let product = move.dot(change)
    guard product > 1e-10 * change.dot(change) else { return }
    pairs.append((move, change, product))
    if pairs.count > LimitedMemory.most { pairs.removeFirst() }
  }

  /// Minus the inverse of the Hessian times a gradient.
  func direction(against gradient: Tensor<Float>) -> Tensor<Float> {
    var result = gradient
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = pair.move.dot(result) / pair.product
      weights.append(weight)
      let factor = Float(weight)
      result = result.zip(pair.change) { $0 - factor * $1 }
    }
    let scale = pairs.last.map { Float($0.product / $0.change.dot($0.change)) } ?? 1
    result = scale * result
    for (pair, weight) in zip(pairs, weights.reversed()) {
      let factor = Float(weight - pair.change.dot(result) / pair.product)
      result = result.advanced(by: factor, along: pair.move)
    }
    return result.map { -$0 }
  }
}
