public import Robustness
import Tensors

/// SparseFool, for L1 and L0 (pixels): steps along few coordinates onto the boundary's tangent.
///
/// From x_i, DeepFool's L2 steps find a point x_B beyond the boundary; with w the gradient of the margin there,
/// x_{i+1} is the point on the way from x_i along the coordinates of the largest |w|, each to the end of its range,
/// at which <w, x' - (x_i + lambda (x_B - x_i))> = 0. It ends where the goal is reached. Then the last way, and the
/// way from the example itself along the last w, are searched for the first point that reaches the goal, seven at a
/// time. For L0 the order is by |w| times the room left, over all channels of a pixel, and needless pixels are put
/// back.
///
/// Modas, Moosavi-Dezfooli and Frossard, "SparseFool: a few pixels make a big difference", 2019,
/// https://arxiv.org/abs/1811.02248.
///
/// Cost: per step up to `inner` times `rivals` forwards and backwards for DeepFool and one more of each; 44
/// forwards for the searches and `PixelReduction`'s. Guarantee: on affine models, the least distance up to a factor
/// of 1.05.
public struct SparseFool: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "sparsefool"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.one, .zero]

  /// The most steps.
  public var steps = 20
  /// The most steps of DeepFool within each.
  public var inner = 20
  /// How many of the nearest classes DeepFool compares.
  public var rivals = 3
  /// How far beyond DeepFool's point the tangent is moved; at least 1.
  public var lambda = 3.0
  /// By how much DeepFool's moves are made longer.
  public var overshoot = 0.02
  /// The most forward passes for putting pixels back, for L0.
  public var reduction = 200

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .integer("inner", \.inner, 1...1000, "steps of DeepFool within each step"),
    .rivals(\.rivals, upTo: 1000),
    .number(
      "lambda", \.lambda, 1...1000, "how far beyond the boundary the tangent is moved"),
    .overshoot(\.overshoot), .reduction(\.reduction),
  ]

  /// Every step's gradients, the searches, and the reduction.
  public var budget: Passes {
    let forward = 1 + steps + 2 * NearestPoint.costOfSection.forward + reduction
    return .gradients(steps * (inner * rivals + 1)) + Passes(forward: forward)
  }

  /// Steps until the goal is reached.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let norm = try problem.norm
    let domain = try problem.domain
    let pixels = Pixels(domain)
    let objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    var nearest = NearestPoint(domain)
    var scores = try await oracle.scores(at: domain.center)
    var x = domain.center
    for _ in 0..<steps {
      guard
        let beyond = try await boundary(
          from: x, outputs: scores.outputs, problem, domain, &nearest, oracle)
      else { break }
      if oracle.isSolved { return Candidate(nearest.point) }
      let answer = try await oracle.gradient(at: beyond, of: objective)
      let slopes = answer.gradient
      let path = SparsePath(
        from: x, slopes: slopes, rise: lambda * SparseFool.rise(slopes, x, beyond),
        hull: domain.hull, pixels, norm: norm)
      let next = path.point(after: path.length)
      if next == x { break }
      scores = try await oracle.scores(at: next)
      if scores.reachesGoal {
        nearest.note(next)
        try await path.search(&nearest, using: oracle)
        try await SparsePath.search(
          along: slopes, domain, pixels, norm: norm, &nearest, using: oracle)
        break
      }
      x = next
    }
    if norm == .zero {
      try await PixelReduction(passes: reduction).reduce(&nearest, pixels, using: oracle)
    }
    return Candidate(nearest.point)
  }

  /// DeepFool's point beyond the boundary, by L2 and within the bounds; `nil` where there is no slope.
  private func boundary(
    from start: Tensor<Float>, outputs: Tensor<Float>, _ problem: Problem,
    _ domain: any FeasibleSet, _ nearest: inout NearestPoint, _ oracle: Oracle
  ) async throws -> Tensor<Float>? {
    var x = start
    var outputs = outputs
    for _ in 0..<inner {
      let face = try await problem.nearestFace(at: x, &outputs, rivals, oracle) { answer in
        let steepness = answer.gradient.norm2
        guard steepness > 0, steepness.isFinite else { return .infinity }
        return max(-answer.loss, 0) / steepness
      }
      guard let face else { return nil }
      if face.answer.reachesGoal {
        nearest.note(x)
        return x
      }
      let slopes = face.answer.gradient
      let steepness = slopes.norm2
      let scale = Float((face.distance / steepness) * (1 + overshoot) + 1e-6 / steepness)
      let next = domain.hull.projection(of: x.advanced(by: scale, along: slopes))
      if next == x { break }
      x = next
    }
    return x == start ? nil : x
  }

  /// What the linear function with these slopes gains between two points.
  private static func rise(
    _ slopes: Tensor<Float>, _ start: Tensor<Float>, _ end: Tensor<Float>
  ) -> Double {
    (end.converted(to: Double.self) - start.converted()).sum(with: slopes.converted()) {
      ($1 * $0).isNaN ? 0 : $1 * $0
    }
  }
}
