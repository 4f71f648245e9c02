import CGeometry
import Robustness
import Tensors

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
      if memory.isEmpty || !(LimitedMemory.dot(direction, state.gradient) < 0) {
        memory = LimitedMemory()
        let size = LimitedMemory.dot(steepest, steepest).squareRoot()
        guard size > 0, size.isFinite else { return state.reachesGoal }
        let scale = Float(-unit / size)
        direction = steepest.map { scale * $0 }
      }
      var length: Float = memory.isEmpty ? 0.1 : 1
      var next: State?
      while asked < steps, next == nil, length > 1e-6 {
        let stride = length
        let point = domain.hull.projection(of: state.x.zip(direction) { $0 + stride * $1 })
        asked += 1
        let tried = try await evaluate(point, constant)
        if oracle.isSolved { return state.reachesGoal }
        let expected = LimitedMemory.dot(state.gradient, point - state.x)
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
    let distance = domain.center.withUnsafeScalars { center in
      x.withUnsafeScalars { gibbon_squared_distance($0.baseAddress, center.baseAddress, $0.count) }
    }
    let (scale, weight) = (Float(2 / (unit * unit)), Float(constant))
    let gradient = x.zip(domain.center) { scale * ($0 - $1) }
      .zip(answer.gradient) { $0 - weight * $1 }
    return State(
      x: x, value: distance / (unit * unit) - constant * answer.loss, gradient: gradient,
      reachesGoal: answer.reachesGoal)
  }

  /// A vector without the coordinates that a bound holds, by the gradient there.
  private func free(
    _ vector: Tensor<Float>, at x: Tensor<Float>, like gradient: Tensor<Float>? = nil
  ) -> Tensor<Float> {
    let hull = domain.hull
    return vector.withUnsafeScalars { vector in
      (gradient?.scalars ?? Array(vector)).withUnsafeBufferPointer { gradient in
        hull.lower.withUnsafeScalars { lower in
          hull.upper.withUnsafeScalars { upper in
            Tensor(shape: x.shape) { target in
              for index in 0..<target.count {
                let slope = gradient[index]
                let isHeld = slope > 0 ? x[index] <= lower[index] : x[index] >= upper[index]
                target[index] = isHeld || slope == 0 ? 0 : vector[index]
              }
            }
          }
        }
      }
    }
  }
}
