public import Robustness
import Tensors

/// The smallest amount of a change with one parameter at which the goal is reached: a blur, a fog, a rotation.
///
/// The amounts from none to all are scanned in even steps, in both directions where there are two; then the first
/// step that reaches the goal is halved again and again, its lower end staying where the goal is not reached.
///
/// Rauber, Brendel and Bethge, "Foolbox", 2017, https://arxiv.org/abs/1707.04131 (Gaussian blur and contrast
/// reduction, by such line searches).
///
/// Cost: at most (directions x) `steps` + `halvings` forwards. Guarantee: the goal is not reached at the scanned
/// amounts below, nor at the lower end of the last interval.
public struct BoundarySearch: ScoreAttack, ConfigurableAttack {
  /// The name on the command line.
  public static let name = "boundary-search"
  /// The nearest point.
  public static let search = SearchKind.minimumNorm
  /// None: it is for threats that are no balls.
  public static let norms: [Norm] = []

  /// The number of amounts that are scanned in each direction.
  public var steps = 100
  /// How often the interval is halved.
  public var halvings = 20

  /// How many points are asked about at once.
  private static let batch = 10

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .integer(
      "steps", \.steps, 1...1_000_000, "amounts that are scanned in each direction"),
    .integer(
      "halvings", \.halvings, 0...200,
      "how often the first interval that reaches the goal is halved"),
  ]

  /// The scan in two directions, with the rest of a batch, and the halvings.
  public var budget: Passes { Passes(forward: 2 * steps + halvings) }

  /// Scans and halves.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let (region, domain) = (try problem.region, try problem.domain)
    guard domain.center.count == 1 else {
      throw AttackError.parameters(attack: Self.name, count: domain.center.count)
    }
    // Beyond the threat only where the question is how far.
    let hull = !problem.earlyStopping ? domain.hull : region.hull
    let center = Double(domain.center[0])
    let ends = [Double(hull.upper[0]) - center, Double(hull.lower[0]) - center].filter { $0 != 0 }
    func point(_ amount: Double) -> Tensor<Float> {
      domain.projection(of: Tensor([Float(center + amount)], shape: domain.center.shape))
    }
    // Near amounts first, so that the first success is the nearest scanned one in its direction.
    let amounts = (0..<steps).flatMap { step in
      ends.map { end in
        (low: end * Double(step) / Double(steps), high: end * Double(step + 1) / Double(steps))
      }
    }
    for first in stride(from: 0, to: amounts.count, by: BoundarySearch.batch) {
      let part = amounts[first..<min(first + BoundarySearch.batch, amounts.count)]
      let scores = try await oracle.scores(at: part.map { point($0.high) })
      guard
        let (interval, _) = zip(part, scores).filter({ $0.1.reachesGoal })
          .min(by: { $0.0.high.magnitude < $1.0.high.magnitude })
      else { continue }
      var (low, high) = interval
      for _ in 0..<halvings {
        let middle = (low + high) / 2
        if try await oracle.scores(at: point(middle)).reachesGoal {
          high = middle
        } else {
          low = middle
        }
      }
      return Candidate(point(high))
    }
    return Candidate(domain.center)
  }
}
