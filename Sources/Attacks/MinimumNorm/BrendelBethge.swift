import CGeometry
public import Robustness
public import Tensors

/// The attack that follows the boundary, for L0 (pixels), L1, L2 and L-infinity.
///
/// From a point where the goal is reached it goes to the boundary, and then along it. With m the margin of the goal
/// and g a running mean of its gradients, each step is
///
///     d = argmin |x' + d - x|  subject to  <g, d> = m_aim - m(x'),  |d|_2 <= r,  x' + d within the bounds,
///
/// solved by its dual, two numbers: one for the plane, one for the trust region of radius r. The aim lies a little
/// beyond the boundary, by a share of the example's own margin that falls along with r: r is halved 20 times in the
/// course of the steps. After some steps outside in a row it returns to the nearest point. For L0 the problem is
/// not convex, and its dual solution is rounded; in the end the pixels of the largest <g, d> from the example on are
/// tried, and pixels that proved needless are put back, again with the gradient there while that leaves fewer.
///
/// Brendel, Rauber, Kuemmerer, Ustyuzhaninov and Bethge, "Accurate, reliable and fast robustness evaluation", 2019,
/// https://arxiv.org/abs/1907.01003.
///
/// Cost: a forward and a backward per step; at most 60 more and 21 forwards for the start; for L0 at most four times 21 and
/// `reduction` forwards and a gradient in the end. Guarantee: on affine
/// models, the least distance up to a factor of 1.05.
public struct BrendelBethge: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "brendel-bethge"

  /// The number of steps along the boundary.
  public var steps = 300
  /// The first radius of the trust region, as a share of the distance of the start.
  public var trust = 0.3
  /// The share of past gradients kept at each step, 0 for none.
  public var momentum = 0.3
  /// How far beyond the boundary the first step aims, as a share of the example's own margin.
  public var overshoot = 0.02
  /// The most forward passes for putting pixels back, for L0, each of at most four times.
  public var reduction = 200

  /// Points from which it may begin, such as real examples of the class to be seen.
  ///
  /// The nearest counts at which the goal is reached; without any such a start is searched.
  public var starts: [Tensor<Float>] = []

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .number(
      "trust", \.trust, 1e-9...1e3,
      "first radius of the trust region, as a share of the start's distance"),
    .momentum(\.momentum, upTo: 0.999), .overshoot(\.overshoot), .reduction(\.reduction),
  ]

  private var start: BoundaryStart { BoundaryStart(steps: 60, points: starts) }

  /// A gradient per step, the start, and the reduction.
  public var budget: Passes {
    .gradients(steps + Self.rounds - 1) + start.budget
      + Passes(
        forward: 1 + Self.rounds * (NearestPoint.costOfSection.forward + reduction))
  }

  private static let rounds = 4

  /// Follows the boundary.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let norm = try problem.norm
    let domain = try problem.domain
    let objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    let pixels = Pixels(domain)
    var nearest = NearestPoint(domain)
    let shortfall = try await oracle.scores(at: domain.center).margin.magnitude
    guard
      var x = try await start.find(
        objective, domain, &nearest, norm: norm, using: oracle)
    else { return Candidate(domain.center) }
    if oracle.isSolved { return Candidate(nearest.point) }

    var plane = BoundaryPlane(domain, pixels, norm: norm)
    let first = trust * max((x - domain.center).norm2, 1e-3 * pixels.unit)
    var mean: Tensor<Float>?
    var stepsOutside = 0
    for step in 0..<steps {
      let answer = try await oracle.gradient(at: x, of: objective)
      if answer.reachesGoal { nearest.note(x) }
      if oracle.isSolved { break }
      guard answer.margin.isFinite else { break }
      stepsOutside = answer.margin > 0 ? 0 : stepsOutside + 1
      mean =
        momentum > 0
        ? mean?.blended(with: answer.gradient, share: Float(momentum)) ?? answer.gradient
        : answer.gradient
      let decay = Double.pow(0.5, 20 * Double(step) / Double(max(steps, 1)))
      let aim = overshoot * shortfall * max(decay.squareRoot(), 0.01)
      if stepsOutside >= 10, nearest.isFound {
        (x, mean, stepsOutside) = (nearest.point, nil, 0)
        continue
      }
      x = plane.follow(
        from: x, slopes: mean ?? answer.gradient, rise: aim - answer.margin,
        trust: first * decay)
    }
    if norm == .zero {
      try await sparsify(&nearest, along: mean, domain, pixels, objective, using: oracle)
    }
    return Candidate(nearest.point)
  }

  /// Tries the pixels that slopes prefer and puts needless ones back, again with the slopes there while that leaves fewer.
  private func sparsify(
    _ nearest: inout NearestPoint, along slopes: Tensor<Float>?, _ domain: any FeasibleSet,
    _ pixels: Pixels, _ objective: any Objective, using oracle: Oracle
  ) async throws {
    var slopes = slopes
    for round in 0..<Self.rounds {
      if round > 0 {
        slopes = try await oracle.gradient(at: nearest.point, of: objective).gradient
      }
      let fewest = nearest.distance
      if let slopes, !oracle.isSolved {
        try await SparsePath.search(
          along: slopes, domain, pixels, norm: .zero, &nearest, using: oracle)
      }
      try await PixelReduction(passes: reduction).reduce(&nearest, pixels, using: oracle)
      guard nearest.distance < fewest, !oracle.isSolved else { return }
    }
  }
}

/// A point at which the goal is reached, and the boundary between it and the example.
struct BoundaryStart {
  /// The most steps of ascent.
  let steps: Int
  /// Points to be tried first.
  let points: [Tensor<Float>]

  /// The most passes.
  var budget: Passes {
    .gradients(steps) + NearestPoint.costOfSection + Passes(forward: points.count)
  }

  /// Takes the nearest of the points, or ascends the margin from the example, and from random points where that is of no
  /// use, then draws the point toward the example.
  ///
  /// - Returns: A point at which the goal is reached; `nil` if none was found.
  func find(
    _ objective: any Objective, _ domain: any FeasibleSet, _ nearest: inout NearestPoint,
    norm: Norm, using oracle: Oracle
  ) async throws -> Tensor<Float>? {
    var randomness = oracle.randomness("start")
    var x = domain.center
    let width = domain.hull.lower.zip(domain.hull.upper) { min($1 - $0, 1e30) }
    let size = norm == .zero ? Double(Pixels(domain).count) : norm.size(of: width)
    let points = points.filter(domain.contains)
    if !points.isEmpty {
      for (point, answer) in zip(points, try await oracle.scores(at: points))
      where answer.reachesGoal { nearest.note(point) }
    }
    for step in 0..<steps where !nearest.isFound {
      if step > 0, step % 40 == 0 { x = domain.sample(using: &randomness) }
      let answer = try await oracle.gradient(at: x, of: objective)
      if answer.reachesGoal {
        nearest.note(x)
        continue
      }
      let next = domain.step(from: x, along: answer.gradient, length: 0.03 * size)
      x = next == x ? domain.sample(using: &randomness) : next
    }
    try await nearest.drawBack(using: oracle)
    return nearest.isFound ? nearest.point : nil
  }
}

/// The small optimisation of `BrendelBethge`, with what it needs again and again.
struct BoundaryPlane {
  private let domain: any FeasibleSet
  private let pixels: Pixels
  private let nearness: gibbon_nearness
  private var scratch: [Float]

  init(_ domain: any FeasibleSet, _ pixels: Pixels, norm: Norm) {
    self.domain = domain
    self.pixels = pixels
    nearness =
      switch norm {
      case .zero: gibbon_near_zero
      case .one: gibbon_near_one
      case .two: gibbon_near_two
      case .infinity: gibbon_near_infinity
      }
    scratch = [Float](repeating: 0, count: 7 * (pixels.count * pixels.channels + 8))
  }

  /// The point nearest to the example on the plane where a linear function has risen, within a Euclidean distance
  /// and the box.
  mutating func follow(
    from point: Tensor<Float>, slopes: Tensor<Float>, rise: Double, trust: Double
  ) -> Tensor<Float> {
    let inputs = [domain.center, point, domain.hull.lower, domain.hull.upper, slopes]
    return Tensor.withUnsafeScalars(inputs) { inputs in
      Tensor(shape: point.shape) { target in
        var problem = gibbon_boundary(
          center: inputs[0].baseAddress, point: inputs[1].baseAddress,
          lower: inputs[2].baseAddress, upper: inputs[3].baseAddress,
          slopes: inputs[4].baseAddress, pixels: pixels.count, channels: pixels.channels,
          rise: rise, trust: trust)
        gibbon_boundary_follow(&problem, nearness, target.baseAddress, &scratch)
      }
    }
  }
}
