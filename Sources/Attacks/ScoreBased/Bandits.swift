import Platform
public import Robustness
import Tensors

/// Bandits with priors: ascent along a direction that is learned from two queries at a time.
///
/// With a prior v over tiles of the picture, q1, q2 = v +- e u with u of normal numbers over sqrt(their number), and
/// d = (L(z + f q1 / ||q1||_2) - L(z + f q2 / ||q2||_2)) / (f e): the prior moves along d e u, by exponentiated gradients
/// (L-infinity, v in -1...1) or as it is (other norms), and z <- step(z, v, a). Tiles are the prior about data, v itself
/// that about time.
///
/// Ilyas, Engstrom and Madry, "Prior convictions: black-box adversarial attacks with bandits and priors", 2019,
/// https://arxiv.org/abs/1807.07978. Points are cut by the bounds of the data and the mask, which the paper leaves out.
///
/// Cost: at most `queries` forwards per attempt, 2 per step, and one for the point itself where a probe outside the
/// threat reaches the goal; it stops where the goal is reached. Guarantee: none.
public struct Bandits: ScoreAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "bandits"

  /// The most queries of one attempt.
  public var queries = 10_000
  /// The side of a tile, in places.
  public var tile = 4
  /// The length of a step in the threat's norm; `nil` for a fifth of the radius, a tenth in other norms than
  /// L-infinity.
  public var stepSize: Double?
  /// The Euclidean length f of the differences, in the units of the data; `nil` for 0.1, and 0.01 in other norms than
  /// L-infinity.
  public var spread: Double?
  /// How fast the prior learns; `nil` for 100, and 0.1 in other norms than L-infinity.
  public var learningRate: Double?
  /// The exploration e; `nil` for 1, and 0.01 in other norms than L-infinity.
  public var exploration: Double?
  /// What to maximise; `nil` for the cross-entropy, and for the margin where that is not defined.
  public var loss: Loss?
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries),
    .integer("tile", \.tile, 1...1_000_000, "side of the squares that change together"),
    .stepSize(\.stepSize, .radiiByNorm(infinity: 0.2, others: 0.1)),
    .number(
      "spread", \.spread, 1e-30...1e30,
      "length of the differences that slopes are estimated from",
      rule: .byNorm(infinity: 0.1, others: 0.01)),
    .number(
      "learning-rate", \.learningRate, 0...1e30, "how fast it learns",
      rule: .byNorm(infinity: 100, others: 0.1)),
    .number(
      "exploration", \.exploration, 1e-30...1e30, "size of the noise added to what is believed",
      rule: .byNorm(infinity: 1, others: 0.01)),
    .objective(\.loss, "cross-entropy"), .restarts(\.restarts),
  ]

  /// Climbs.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    // Probes may leave the ball; where the threat has no other limits, its own hold.
    let hull = problem.threat.withoutLimit == nil ? region.hull : try problem.domain.hull
    let objective = try ScoredObjective(
      loss, problem, outputCount: oracle.outputCount, preferred: .crossEntropy)
    let isCube = problem.threat.norm == .infinity
    let step = stepSize ?? region.radius / (isCube ? 5 : 10)
    let spread = spread ?? (isCube ? 0.1 : 0.01)
    let exploration = exploration ?? (isCube ? 1 : 0.01)
    let rate = learningRate ?? (isCube ? 100 : 0.1)
    var prior = TiledPrior(region.center.shape, tile: tile, isBounded: isCube)
    var randomness = oracle.randomness("exploration")
    var z = region.center
    guard region.radius > 0 else { return Candidate(z) }
    while oracle.left >= 2 {
      let noise = prior.noise(exploration, using: &randomness)
      let probes = [noise, noise.map { -$0 }].map { noise in
        hull.projection(of: prior.probe(z, noise, length: Float(spread)))
      }
      let scores = try await oracle.scores(at: probes)
      if scores.contains(where: \.reachesGoal) {
        for (point, answer) in zip(probes, scores)
        where answer.reachesGoal && region.contains(point) {
          return Candidate(point)
        }
        if oracle.left > 0, try await oracle.scores(at: z).reachesGoal { return Candidate(z) }
      }
      let difference = objective.value(of: scores[0]) - objective.value(of: scores[1])
      let slope = difference / (spread * exploration)
      if slope.isFinite { prior.learn(noise, Float(rate * slope)) }
      z = region.step(from: z, along: prior.direction, length: step)
    }
    return Candidate(z)
  }
}

/// What Bandits believes about the gradient: a number for each square tile of each channel.
struct TiledPrior: Sendable {
  private let shape: Shape
  private let grid: SquareGrid
  private let tile: Int
  private let rows: Int
  private let columns: Int
  /// Whether the numbers stay between -1 and 1 and learn by exponentiated gradients.
  private let isBounded: Bool
  private var values: [Float]

  init(_ shape: Shape, tile: Int, isBounded: Bool) {
    self.shape = shape
    self.isBounded = isBounded
    grid = SquareGrid(shape)
    self.tile = min(max(tile, 1), max(grid.height, grid.width))
    rows = (grid.height + self.tile - 1) / self.tile
    columns = (grid.width + self.tile - 1) / self.tile
    values = Array(repeating: 0, count: grid.channels * rows * columns)
  }

  /// Nearly normal numbers of this Euclidean length on average.
  func noise(_ length: Double, using randomness: inout Philox) -> [Float] {
    let scale = Float(length / Double(max(values.count, 1)).squareRoot())
    return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      count = values.count
      randomness.coins(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]), scale: scale)
    }
  }

  /// The prior laid over the picture.
  var direction: Tensor<Float> { spread(values) }

  /// A point moved by a length along the prior with noise.
  func probe(_ z: Tensor<Float>, _ noise: [Float], length: Float) -> Tensor<Float> {
    let direction = spread(zip(values, noise).map { $0 + $1 })
    let size = direction.squaredLength.squareRoot()
    return size > 0 ? z.advanced(by: length / Float(size), along: direction) : z
  }

  /// Moves the prior along a direction.
  mutating func learn(_ direction: [Float], _ rate: Float) {
    for index in values.indices {
      let gain = rate * direction[index]
      if isBounded {
        // 2 p e^g / (p e^g + (1 - p) e^-g) - 1 with p = (v + 1) / 2: a step of the logarithm of the odds.
        let odds = atanh(min(max(values[index], -0.999_999), 0.999_999)) + gain
        values[index] = tanh(odds)
      } else {
        values[index] += gain
      }
    }
  }

  private func spread(_ values: [Float]) -> Tensor<Float> {
    Tensor(shape: shape) { target in
      for channel in 0..<grid.channels {
        for row in 0..<grid.height {
          let first = row * grid.width
          let base = (channel * rows + row / tile) * columns
          for column in 0..<max(min(grid.width, grid.area - first), 0) {
            target[channel * grid.area + first + column] = values[base + column / tile]
          }
        }
      }
    }
  }
}
