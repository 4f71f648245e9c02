/// The course of a game under a solver, as data.
public struct Trajectory: Sendable, Hashable, Codable {
  /// A moment of the course.
  public struct Point: Sendable, Hashable, Codable {
    /// The number of steps made.
    public let step: Int
    /// What all have chosen; empty where that is too many numbers to keep.
    public let profile: Profile
    /// The mean of what all have chosen in all steps so far; empty where that is too many numbers to keep.
    public let average: Profile
    /// Each player's cost.
    public let costs: [Double]
    /// The distance moved in the last step; 0 at the start.
    public let moved: Double
    /// How much each player could gain, where that was asked and can be said.
    public let exploitability: Exploitability?
    /// The same of the averages.
    public let averageExploitability: Exploitability?
  }

  /// The game.
  public let game: String
  /// The solver.
  public let solver: String
  /// The players.
  public let players: [String]
  /// Moments at equal intervals, with the first and the last.
  public let points: [Point]
  /// What the course does in the long run.
  public let behavior: Behavior
  /// What all have chosen at the end.
  public let end: Profile
  /// The mean of what all have chosen before each step.
  public let average: Profile

  /// The number of steps made; fewer than asked for where the course left all bounds.
  public var steps: Int { points.last?.step ?? 0 }
}

extension Game {
  /// What a course is to tell.
  public struct Recording: Sendable {
    /// The most moments that are kept, at least two.
    public var mostPoints = 400
    /// The most numbers of a profile that is kept with each moment.
    public var mostNumbers = 256
    /// Whether to measure exploitability at each moment.
    public var measuresExploitability = false
    /// Whether to stop where nothing moves any more: a step below this distance; 0 for never.
    public var restDistance = 0.0

    /// Moments without exploitability.
    public init() {}
  }

  /// Plays the game by a solver.
  ///
  /// - Parameters:
  ///   - solver: The rule by which all move.
  ///   - name: What the solver is called.
  ///   - start: What all choose first; the middle of all domains by default.
  ///   - steps: How many steps to make, at least one.
  ///   - others: Games that take turns with this one, which comes first; with the same players' sizes.
  ///   - recording: What to keep.
  ///   - progress: Told the number of steps made.
  /// - Returns: The course.
  /// - Throws: `GameError` where solver, game and start do not fit; what players throw; `CancellationError`.
  /// - Complexity: The solver's cost for each step; a cost of each player, and if asked its best response, for each
  ///   moment.
  public func play(
    _ solver: any Solver, named name: String, from start: Profile? = nil, steps: Int,
    inTurnWith others: [Game] = [], recording: Recording = Recording(),
    progress: (Int) -> Void = { _ in }
  ) async throws -> Trajectory {
    precondition(steps > 0, "\(steps) steps")
    try solver.check(self)
    let start = start ?? center
    try check(start)
    for other in others { try other.check(start) }
    let games = [self] + others
    var state = SolverState(start, of: solver)
    var recorder = Recorder(start, recording, steps: steps)
    try await recorder.note(start, moved: 0, step: 0, in: self)
    for step in 1...steps {
      try Task.checkCancellation()
      let old = state.profile
      try await solver.advance(&state, in: games[(step - 1) % games.count])
      state.steps = step
      let moved = state.profile.distance(to: old)
      let isOver =
        !moved.isFinite || state.profile.norm > 1e100 || moved < recording.restDistance
      recorder.add(old)
      let isDue = recorder.isDue(step)
      if isDue || isOver || step == steps {
        try await recorder.note(
          state.profile, moved: moved, step: step, in: self, isOnPath: isDue || isOver)
      }
      progress(step)
      if isOver { break }
    }
    let behavior = Behavior.of(recorder.path)
    // Moments at equal intervals may all be the same point of a cycle.
    let isMoving = (recorder.points.last?.moved ?? 0) > 1e-9 * max(1, state.profile.norm)
    return Trajectory(
      game: self.name, solver: name, players: players.map(\.name), points: recorder.points,
      behavior: behavior == .converged && isMoving ? .cycling : behavior, end: state.profile,
      average: recorder.average)
  }
}

/// Keeps what a course is to tell.
private struct Recorder {
  private let recording: Game.Recording
  private let interval: Int
  private let keepsProfiles: Bool
  private var count = 0
  private(set) var average: Profile
  private(set) var points: [Trajectory.Point] = []
  /// The profiles of all moments, in few numbers.
  private(set) var path: [[Double]] = []

  init(_ start: Profile, _ recording: Game.Recording, steps: Int) {
    self.recording = recording
    interval = max(1, (steps + recording.mostPoints - 1) / max(1, recording.mostPoints - 1))
    keepsProfiles = start.reduce(0) { $0 + $1.count } <= recording.mostNumbers
    average = start.zeros
  }

  func isDue(_ step: Int) -> Bool { step.isMultiple(of: interval) }

  mutating func add(_ profile: Profile) {
    count += 1
    average = average.plus(profile.plus(average, times: -1), times: 1 / Double(count))
  }

  mutating func note(
    _ profile: Profile, moved: Double, step: Int, in game: Game, isOnPath: Bool = true
  ) async throws {
    let mean = count == 0 ? profile : average
    let isFinite = profile.allSatisfy { $0.allSatisfy(\.isFinite) }
    let measures = recording.measuresExploitability && isFinite
    points.append(
      Trajectory.Point(
        step: step, profile: keepsProfiles ? profile : [], average: keepsProfiles ? mean : [],
        costs: try await game.costs(at: profile), moved: moved,
        exploitability: measures ? try await game.exploitability(at: profile) : nil,
        averageExploitability: measures ? try await game.exploitability(at: mean) : nil))
    if isOnPath { path.append(Sketch.of(profile)) }
  }
}

/// Long vectors in few numbers, whose distances are about those of the vectors.
private enum Sketch {
  private static let width = 16

  /// The numbers themselves if they are few; else sums with signs that depend on the places alone.
  ///
  /// Johnson and Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space", 1984.
  static func of(_ profile: Profile) -> [Double] {
    let numbers = profile.flatMap { $0 }
    guard numbers.count > 64 else { return numbers }
    var sums = [Double](repeating: 0, count: width)
    var bits = 0x9E37_79B9_7F4A_7C15 as UInt64
    for number in numbers {
      // A step of xorshift64 for each number, of which every bit is a sign.
      bits ^= bits << 13
      bits ^= bits >> 7
      bits ^= bits << 17
      for place in 0..<width {
        sums[place] += (bits >> UInt64(place + 20)) & 1 == 0 ? number : -number
      }
    }
    return sums.scaled(by: 1 / Double(width).squareRoot())
  }
}
