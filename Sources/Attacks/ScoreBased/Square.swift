public import Robustness
import Tensors

/// Square attack: random search over square windows, at the border of the ball.
///
/// z begins as vertical stripes at the limits of the ball. Each query proposes z' = z with one window of s x s places
/// set to one of the two limits, a sign per channel (L-infinity), or with the length of two windows gathered in one as
/// a pair of opposite pyramids (L2, L1); z' is kept where L grows. The share p = s^2 / (h w) starts at `share` and is
/// halved after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 parts of the queries in ten thousand.
///
/// Andriushchenko, Croce, Flammarion and Hein, "Square Attack: a query-efficient black-box adversarial attack via random
/// search", 2020, https://arxiv.org/abs/1912.00049; L1 as in Croce and Hein, "Mind the box", 2021,
/// https://arxiv.org/abs/2103.01208.
///
/// A proposal that changes nothing, or that was turned down from the same z before, is drawn again and not paid for
/// (L-infinity). Windows may also touch the last row and column, which the authors' code leaves out. Inputs that are
/// not pictures are laid out row by row on the nearest square; of more than 32 channels those 32 apart move alike.
///
/// Cost: at most `queries` forwards per attempt; it stops where the goal is reached, and where every window was turned
/// down. Guarantee: none.
public struct Square: ScoreAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "square"

  /// The norms it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The most queries of one attempt.
  public var queries = 5000
  /// The share of the picture that the first window covers.
  public var share = 0.8
  /// What to maximise; `nil` for the margin, and for the cross-entropy towards a target class, as in the paper.
  public var loss: Loss?
  /// How often to try.
  public var restarts = 1
  /// After how many queries, again and again, the search is inspected; 0 for never.
  ///
  /// It is given up if its margin would not get to zero in time though it grew four times as fast as of late. Only where
  /// the margin is what is maximised.
  public var patience = 0

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries),
    .number(
      "share", \.share, 0.000_001...1, "share of the picture that the first window covers (p)"),
    .objective(\.loss, "margin; cross-entropy towards a target class"), .restarts(\.restarts),
    .patience(\.patience),
  ]

  /// Searches.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    if problem.threat.norm == .infinity {
      return try await search(SquareCorners(region), problem, oracle)
    }
    let usesSquares = problem.threat.norm == .two
    return try await search(SquarePyramids(region, usesSquares: usesSquares), problem, oracle)
  }

  private func search(
    _ proposals: some SquareProposals, _ problem: Problem, _ oracle: some ScoreOracle
  ) async throws -> Candidate {
    let objective = try ScoredObjective(loss, problem, outputCount: oracle.outputCount)
    var proposals = proposals
    var randomness = oracle.randomness("windows")
    guard let start = proposals.start(using: &randomness) else {
      return Candidate(try problem.region.center)
    }
    let scores = try await oracle.scores(at: start)
    if scores.reachesGoal { return Candidate(start) }
    var best = objective.value(of: scores)
    let isInspected = patience > 0 && objective.isMargin
    var outlook = Outlook(start: best)
    for query in 1..<max(queries, 1) {
      let share = share(after: query - 1)
      guard let z = proposals.next(share: share, using: &randomness) else {
        // With windows as small as they get, what was turned down is turned down for good.
        if proposals.isExhausted(shares: share, self.share(after: queries - 2)) { break }
        continue
      }
      let scores = try await oracle.scores(at: z)
      if scores.reachesGoal { return Candidate(z) }
      let value = objective.value(of: scores)
      if value > best || best.isNaN {
        best = value
        proposals.accept()
      }
      if isInspected, query % patience == 0,
        outlook.isHopeless(at: best, after: query, of: queries)
      {
        break
      }
    }
    return Candidate(proposals.current)
  }

  /// The share of the picture that a window covers after so many queries.
  private func share(after queries: Int) -> Double {
    let part = Int(Double(queries) / Double(max(self.queries, 1)) * 10_000)
    var share = share
    for limit in Square.schedule where part > limit { share /= 2 }
    return share
  }

  /// The parts of the queries, in ten thousand, after which windows become smaller.
  private static let schedule = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]
}

/// The moves of Square attack in one norm.
protocol SquareProposals: Sendable {
  /// The point that proposals start from.
  var current: Tensor<Float> { get }

  /// Goes to the first point; `nil` where nothing may change.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>?

  /// A point that differs in a window of this share of the picture; `nil` if none was found that is worth a query.
  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>?

  /// Whether every window was turned down of the share that has come and of the last one to come, so that there is
  /// nothing left to propose.
  func isExhausted(shares present: Double, _ last: Double) -> Bool

  /// Makes the last proposal the current point.
  mutating func accept()
}

/// Square attack's moves in L-infinity: every value is at one of its two limits.
struct SquareCorners: SquareProposals {
  private(set) var current: Tensor<Float>
  private var proposal: Tensor<Float>
  private let lower: Tensor<Float>
  private let upper: Tensor<Float>
  private let grid: SquareGrid

  /// The changes that were asked about since the last one that helped, by their signatures.
  private var asked: Set<UInt64> = []

  init(_ region: any FeasibleSet) {
    current = region.center
    proposal = current
    lower = region.hull.lower
    upper = region.hull.upper
    grid = SquareGrid(current.shape)
  }

  /// Vertical stripes.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>? {
    guard lower != upper else { return nil }
    for channel in 0..<grid.channels {
      for column in 0..<grid.width {
        let ends = randomness.next32() & 1 == 0 ? lower : upper
        for place in stride(from: column, to: grid.area, by: grid.width) {
          current[channel * grid.area + place] = ends[channel * grid.area + place]
        }
      }
    }
    return current
  }

  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>? {
    let side = grid.side(covering: share)
    for _ in 0..<64 {
      let window = grid.window(side, using: &randomness)
      let signs = randomness.next32()
      let change = signature(window, signs)
      guard change != 0, asked.insert(change).inserted else { continue }
      var next = current
      next.withUnsafeMutableScalars { target in
        for channel in 0..<grid.channels {
          ends(channel, signs).withUnsafeScalars { ends in
            let base = channel * grid.area
            grid.forEach(in: window) { place, _, _ in target[base + place] = ends[base + place] }
          }
        }
      }
      proposal = next
      return next
    }
    return nil
  }

  /// Looks at all of them where they are few; a table of few columns has tried them all after some dozens of queries.
  func isExhausted(shares present: Double, _ last: Double) -> Bool {
    let side = grid.side(covering: present)
    guard side == grid.side(covering: last), grid.channels <= 4 else { return false }
    let (rows, columns) = (grid.height - side + 1, grid.width - side + 1)
    guard rows * columns << grid.channels <= SquareCorners.mostEnumerated else { return false }
    for row in 0..<rows {
      for column in 0..<columns {
        let window = SquareGrid.Window(row: row, column: column, size: side)
        for signs in 0..<UInt32(1) << grid.channels {
          let change = signature(window, signs)
          guard change == 0 || asked.contains(change) else { return false }
        }
      }
    }
    return true
  }

  /// The most changes that are looked at one by one: hardly more than draws in vain cost.
  private static let mostEnumerated = 512

  mutating func accept() {
    current = proposal
    asked.removeAll(keepingCapacity: true)
  }

  private func ends(_ channel: Int, _ signs: UInt32) -> Tensor<Float> {
    signs >> UInt32(channel % 32) & 1 == 0 ? lower : upper
  }

  /// A number for the set of values that a window changes (Zobrist's hashing); 0 if there are none.
  private func signature(_ window: SquareGrid.Window, _ signs: UInt32) -> UInt64 {
    var sum: UInt64 = 0
    current.withUnsafeScalars { current in
      for channel in 0..<grid.channels {
        ends(channel, signs).withUnsafeScalars { ends in
          grid.forEach(in: window) { place, _, _ in
            let index = channel * grid.area + place
            if current[index] != ends[index] { sum ^= SquareCorners.mixed(index) }
          }
        }
      }
    }
    return sum
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014, https://doi.org/10.1145/2660193.2660195).
  private static func mixed(_ index: Int) -> UInt64 {
    var value = (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// Square attack's moves in L2 and L1: the length of two windows is gathered in one, as a pair of pyramids of
/// opposite signs added to what is there.
struct SquarePyramids: SquareProposals {
  private(set) var current: Tensor<Float>
  private var proposal: Tensor<Float>
  private let region: any FeasibleSet
  private let center: Tensor<Float>
  private let grid: SquareGrid
  /// Whether lengths are Euclidean, not sums of magnitudes.
  private let usesSquares: Bool
  /// Just below the radius, so that projections stay inside.
  private let radius: Float

  /// The change so far, its length, and room for the next one.
  private var change: [Float]
  private var length: Float = 0
  private var trial: [Float]
  private var pyramids: [Int: [Float]] = [:]

  init(_ region: any FeasibleSet, usesSquares: Bool) {
    self.region = region
    self.usesSquares = usesSquares
    center = region.center
    current = center
    proposal = center
    grid = SquareGrid(center.shape)
    radius = Float(region.radius * (1 - 1e-6))
    change = Array(repeating: 0, count: center.count)
    trial = change
  }

  /// Tiles of pyramids, five to the shorter side.
  mutating func start(using randomness: inout Philox) -> Tensor<Float>? {
    let hull = region.hull
    guard radius > 0, hull.lower != hull.upper else { return nil }
    let side = max(1, min(grid.height, grid.width) / 5)
    let top = (grid.height % side) / 2
    let left = (grid.width % side) / 2
    let pyramid = pyramid(side)
    for row in stride(from: top, through: grid.height - side, by: side) {
      for column in stride(from: left, through: grid.width - side, by: side) {
        let isTurned = randomness.next32() & 1 == 0
        let window = SquareGrid.Window(row: row, column: column, size: side)
        for channel in 0..<grid.channels {
          let sign: Float = randomness.next32() & 1 == 0 ? -1 : 1
          grid.forEach(in: window) { place, row, column in
            let cell = isTurned ? column * side + row : row * side + column
            trial[channel * grid.area + place] = sign * pyramid[cell]
          }
        }
      }
    }
    if !usesSquares { rescale(to: radius) }
    proposal = point()
    accept()
    return current
  }

  mutating func next(share: Double, using randomness: inout Philox) -> Tensor<Float>? {
    var side = max(grid.side(covering: share), 3)
    if side % 2 == 0 { side += 1 }
    side = min(side, grid.height, grid.width)
    let target = grid.window(side, using: &randomness)
    let source = grid.window(side, using: &randomness)
    let isTurned = randomness.next32() & 1 == 0
    let signs = randomness.next32()
    let pyramid = pyramid(side)
    trial = change
    for channel in 0..<grid.channels {
      gather(
        source, into: target, channel, pyramid, isTurned: isTurned,
        sign: signs >> UInt32(channel % 32) & 1 == 0 ? -1 : 1)
    }
    proposal = point()
    return proposal
  }

  /// Never: what a window changes depends on what is there.
  func isExhausted(shares present: Double, _ last: Double) -> Bool { false }

  mutating func accept() {
    current = proposal
    change = (current - center).scalars
    length = Float(region.distance(of: current))
  }

  /// Moves the length of both windows of a channel, and its part of what is left of the radius, into the target.
  private mutating func gather(
    _ source: SquareGrid.Window, into target: SquareGrid.Window, _ channel: Int,
    _ pyramid: [Float], isTurned: Bool, sign: Float
  ) {
    let grid = grid
    let base = channel * grid.area
    let side = target.size
    var own: Float = 0
    grid.forEach(in: target) { place, _, _ in own += power(change[base + place]) }
    var both = own
    grid.forEach(in: source) { place, row, column in
      if !target.contains(row: source.row + row, column: source.column + column) {
        both += power(change[base + place])
      }
      trial[base + place] = 0
    }
    let scale = 1 / (root(own) + 1e-12)
    var total: Float = 0
    grid.forEach(in: target) { place, row, column in
      let cell = isTurned ? column * side + row : row * side + column
      let value = sign * pyramid[cell] + change[base + place] * scale
      trial[base + place] = value
      total += power(value)
    }
    let rest = max(power(radius) - power(length), 0)
    let wanted =
      usesSquares
      ? (rest / Float(grid.channels) + both).squareRoot() : rest + both * Float(grid.channels)
    let factor = wanted / (root(total) + 1e-12)
    grid.forEach(in: target) { place, _, _ in trial[base + place] *= factor }
  }

  /// The point of the trial: of full length before the bounds in L2, projected in L1.
  private func point() -> Tensor<Float> {
    let move = Tensor(trial, shape: center.shape)
    var factor: Float = 1
    if usesSquares {
      let length = move.squaredLength.squareRoot()
      factor = length > 0 ? Float(Double(radius) / length) : 0
    }
    return region.projection(of: center.advanced(by: factor, along: move))
  }

  private mutating func rescale(to length: Float) {
    let sum = trial.reduce(0) { $0 + $1.magnitude }
    guard sum > 0 else { return }
    for index in trial.indices { trial[index] *= length / sum }
  }

  private func power(_ value: Float) -> Float { usesSquares ? value * value : value.magnitude }

  private func root(_ sum: Float) -> Float { usesSquares ? sum.squareRoot() : sum }

  // MARK: - Pyramids

  /// Two pyramids of opposite signs, one above the other, of unit length together.
  private mutating func pyramid(_ side: Int) -> [Float] {
    if let known = pyramids[side] { return known }
    var values = [Float](repeating: 0, count: side * side)
    let upper = hill(side / 2, side)
    let lower = hill(side - side / 2, side)
    for index in upper.indices { values[index] = upper[index] }
    for index in lower.indices { values[upper.count + index] = -lower[index] }
    let length = root(values.reduce(0) { $0 + power($1) })
    for index in values.indices { values[index] /= length }
    pyramids[side] = values
    return values
  }

  /// Rectangles around the middle, one within the other, of unit length together.
  private func hill(_ rows: Int, _ columns: Int) -> [Float] {
    var values = [Float](repeating: 0, count: rows * columns)
    let (middleRow, middleColumn) = (rows / 2, columns / 2)
    for step in 0..<max(middleRow, middleColumn) + 1 {
      let square = 1 / Float((step + 1) * (step + 1))
      for row in max(middleRow - step, 0)..<max(min(middleRow + step + 1, rows), 0) {
        for column in max(middleColumn - step, 0)..<min(middleColumn + step + 1, columns) {
          values[row * columns + column] += usesSquares ? square : square * square
        }
      }
    }
    let length = root(values.reduce(0) { $0 + power($1) })
    for index in values.indices { values[index] /= length }
    return values
  }
}
