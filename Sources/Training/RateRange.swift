public import Datasets
public import Engine
import Foundation
import Optimizers

/// The range of learning rates in which a training makes progress, found by raising the rate at every step.
///
/// The loss falls while the rate is right and climbs once it is too large; where it begins to climb depends on the network, the
/// data, the optimiser and the method. Smith, "Cyclical learning rates for training neural networks", 2017,
/// https://arxiv.org/abs/1506.01186. Cost: `count` steps of the training.
public struct RateRange: Sendable, Hashable, Codable {
  /// The rates that were tried, rising.
  public let rates: [Double]
  /// The mean loss of each step, as many as there were before the training diverged.
  public let losses: [Double]
  /// The same, smoothed over neighbouring steps.
  public let smoothed: [Double]
  /// The largest rate at which the smoothed loss had not begun to climb; `nil` where it climbed from the start.
  public let limit: Double?

  /// A rate to train with: a quarter of the limit.
  ///
  /// A schedule that rises to it and falls again passes what lies below; the limit itself leaves no room for later epochs.
  public var suggestion: Double? { limit.map { $0 / 4 } }

  /// How far the smoothed loss may lie above its least, in shares of its first value, before it counts as climbing.
  static let tolerance = 0.1
  /// The weight of the past in the smoothed loss.
  static let memory = 0.8

  /// Judges losses at rising rates.
  ///
  /// - Precondition: There are at least as many rates as losses, and rates rise.
  public init(rates: [Double], losses: [Double]) {
    precondition(rates.count >= losses.count, "a loss without a rate")
    var (mean, weight) = (0.0, 0.0)
    smoothed = losses.map { loss in
      mean = Self.memory * mean + (1 - Self.memory) * loss
      weight = Self.memory * weight + (1 - Self.memory)
      return mean / weight
    }
    self.rates = rates
    self.losses = losses
    limit = Self.limit(rates, smoothed)
  }

  private static func limit(_ rates: [Double], _ smoothed: [Double]) -> Double? {
    guard let first = smoothed.first else { return nil }
    var least = first
    var limit: Double?
    for (rate, loss) in zip(rates, smoothed) {
      least = min(least, loss)
      guard loss <= least + tolerance * first else { break }
      limit = rate
    }
    // A training that diverges at once has one loss, from before any step.
    return smoothed.count > 1 ? limit : nil
  }

  /// Trains a copy of a network at rates that rise from step to step, each by the same factor.
  ///
  /// - Parameters:
  ///   - recipe: How to train; its schedule and its number of epochs do not count.
  ///   - start: The network to begin with.
  ///   - data: The examples.
  ///   - range: The first and the last rate, above zero.
  ///   - count: The number of steps, at least 2.
  ///   - algorithms: How the algorithms of convolutions are chosen.
  ///   - onStep: Told after each step how many are done.
  /// - Returns: What was found.
  /// - Throws: What the trainer throws, but for `TrainingError.diverged`, which ends the test; `CancellationError`.
  public static func test(
    _ recipe: Recipe, from start: TrainingState, on data: Dataset,
    over range: ClosedRange<Double> = 1e-6...1, count: Int = 100,
    algorithms: Algorithms.Policy = .fastest, onStep: (Int) -> Void = { _ in }
  ) async throws -> RateRange {
    precondition(range.lowerBound > 0 && count >= 2, "a test of \(count) rates from \(range)")
    let rates = (0..<count).map { step in
      range.lowerBound
        * Foundation.pow(range.upperBound / range.lowerBound, Double(step) / Double(count - 1))
    }
    var tried = recipe
    let examples = data.subset(offset: 0, count: count * recipe.batchSize)
    let perEpoch = recipe.stepsPerEpoch(examples: examples.count)
    tried.epochs = (count + perEpoch - 1) / perEpoch
    let total = Double(perEpoch * tried.epochs)
    tried.schedule = .linear(
      through: rates.enumerated().map {
        Schedule.Point(share: min(1, (Double($0.offset) + 0.5) / total), rate: $0.element)
      })
    var losses: [Double] = []
    var seen = (loss: 0.0, count: 0, epoch: 1)
    do {
      _ = try await Trainer(tried, algorithms: algorithms).train(
        TrainingState(start.network, recipe: tried), on: examples,
        onStep: { progress in
          if progress.epoch > seen.epoch { seen = (0, 0, progress.epoch) }
          let sum = progress.loss * Double(seen.count + progress.count)
          losses.append((sum - seen.loss) / Double(max(progress.count, 1)))
          seen = (sum, seen.count + progress.count, progress.epoch)
          onStep(losses.count)
        })
    } catch TrainingError.diverged {
      // The rates from here on are too large, which is what was to be found.
    }
    if Task.isCancelled { throw CancellationError() }
    return RateRange(rates: rates, losses: Array(losses.prefix(count)))
  }
}
