public import Robustness
import Tensors

/// Multi steepest descent (MSD): at every step of one ascent, the ball of several whose steepest step raises the loss most.
///
/// For each ball p: z_p <- Proj_p(z + alpha_p direction_p(g)) with the one gradient g at z; the next z is the z_p with the
/// largest cross-entropy. So what is found lies in one of the balls, and the network is trained on it.
///
/// Maini, Wong and Kolter, "Adversarial robustness against the union of multiple perturbation models", 2020,
/// https://arxiv.org/abs/1909.04068. Cost: `steps` forwards and backwards, and `steps` forwards for each ball.
public struct MultiSteepestDescent: TrainingMethod {
  /// The balls.
  public var balls: [Ball]
  /// The threat in words.
  public var threatWords: String
  /// The number of steps.
  public var steps = 20
  /// The length of a step, in radii of each ball; `nil` for 2.5 divided by the number of steps.
  public var step: Double?

  /// Creates the method with its standard constants.
  ///
  /// - Precondition: There is a ball.
  public init(_ balls: [Ball], words: String) {
    precondition(!balls.isEmpty, "a union has a member")
    (self.balls, threatWords) = (balls, words)
  }

  /// The method, its constants and the threat.
  public var description: String {
    "msd, \(steps) steps" + (step.map { " of \($0) radii" } ?? "") + ", within \(threatWords)"
  }

  /// Climbs.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let regions = try balls.map { try batch.regions(of: $0) }
    let share = step ?? 2.5 / Double(max(steps, 1))
    var values = batch.values
    for _ in 0..<steps {
      let gradients = try await session.gradients(at: values, of: batch).gradients
      var ways: [(values: [Float], losses: [Double])] = []
      for regions in regions {
        var moved: [Float] = []
        moved.reserveCapacity(values.count)
        for (row, region) in regions.enumerated() {
          moved +=
            region.step(
              from: batch.part(row, of: values), along: gradients.row(row),
              length: share * region.radius
            ).scalars
        }
        ways.append((moved, try await session.losses(at: moved, of: batch)))
      }
      values = batch.worst(of: ways)
    }
    return [LossBuilder.inputName: values]
  }
}

extension TrainingBatch {
  /// For each row the values of the way with the largest loss; the first of equal ones, and no loss that is NaN unless it
  /// comes first.
  func worst(of ways: [(values: [Float], losses: [Double])]) -> [Float] {
    let size = exampleShape.count
    var worst = ways[0]
    for way in ways.dropFirst() {
      for row in 0..<count where way.losses[row] > worst.losses[row] {
        let range = row * size..<(row + 1) * size
        worst.values.replaceSubrange(range, with: way.values[range])
        worst.losses[row] = way.losses[row]
      }
    }
    return worst.values
  }
}
