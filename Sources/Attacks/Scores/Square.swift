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
/// Cost: at most `queries` forwards per attempt; it stops where the goal is reached. Guarantee: none.
public struct Square: ScoreAttack, ConfigurableAttack {
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

  /// A forward pass per query.
  public var budget: Passes { Passes(forward: queries) }

  /// The queries, those included that the shell spends.
  public var queryLimit: Int? { queries }

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
      guard let z = proposals.next(share: share, using: &randomness) else { continue }
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
