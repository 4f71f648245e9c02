import ArgumentParser
import Attacks
import Networks
import Optimizers
import Robustness
import Training

/// How to train.
struct RecipeArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Number of passes over the data.",
    transform: Parse.integer)
  var epochs = 10

  @Option(
    parsing: .unconditional,
    help: "Number of examples per step.",
    transform: Parse.integer)
  var batch = 100

  @Option(
    help: "How parameters follow their gradients: adam or sgd.",
    completion: .list(["adam", "sgd"]))
  var optimizer = "adam"

  @Option(
    parsing: .unconditional,
    help: "The largest learning rate; 0.005 for adam and 0.05 for sgd by default.",
    transform: Parse.number)
  var rate: Double?

  @Option(
    help: "The rate over time: constant, steps, cyclic or cosine.",
    completion: .list(["constant", "steps", "cyclic", "cosine"]))
  var schedule = "cyclic"

  @Option(
    parsing: .unconditional,
    help: "Share of the training at which a cyclic rate is largest.",
    transform: Parse.number)
  var peak = 0.4

  @Option(
    help: "Shares of the training, joined by commas, after which a stepped rate is divided by 10.")
  var drops = "0.5,0.75"

  @Option(
    parsing: .unconditional,
    help: "Momentum of sgd; 0.9 by default.",
    transform: Parse.number)
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: "Weight decay.",
    transform: Parse.number)
  var weightDecay = 0.0

  @Option(
    parsing: .unconditional,
    help: "Determines the first parameters, the order of the examples and all other chance.",
    transform: Parse.seed)
  var seed: UInt64 = 0

  mutating func validate() throws {
    guard 1...1_000_000 ~= epochs else {
      throw ValidationError("--epochs is \(epochs); expected 1 to 1000000")
    }
    guard 1...4096 ~= batch else {
      throw ValidationError("--batch is \(batch); expected 1 to 4096")
    }
    if let rate, !(rate > 0 && rate.isFinite) {
      throw ValidationError("--rate is \(rate); expected a positive number")
    }
    guard 0..<1 ~= peak else { throw ValidationError("--peak is \(peak); expected 0 to below 1") }
    if let momentum, !(0..<1 ~= momentum) {
      throw ValidationError("--momentum is \(momentum); expected 0 to below 1")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--weight-decay is \(weightDecay); expected 0 or more")
    }
  }

  /// The recipe, against an adversary if there is one.
  func recipe(_ adversary: Recipe.Adversary?) throws -> Recipe {
    let chosen: any Optimizer
    let standardRate: Double
    switch optimizer {
    case "adam":
      guard momentum == nil else {
        throw BadArgument("--momentum is about --optimizer sgd, and this is adam")
      }
      (chosen, standardRate) = (Adam(weightDecay: weightDecay), 0.005)
    case "sgd":
      (chosen, standardRate) = (SGD(momentum: momentum ?? 0.9, weightDecay: weightDecay), 0.05)
    default: throw BadArgument("--optimizer is '\(optimizer)'; expected adam or sgd")
    }
    return Recipe(
      epochs: epochs, batchSize: batch, optimizer: chosen,
      schedule: try makeSchedule(rate ?? standardRate), seed: seed, adversary: adversary)
  }

  private func makeSchedule(_ rate: Double) throws -> Schedule {
    switch schedule {
    case "constant": return .constant(rate: rate)
    case "cyclic": return .cyclic(rate: rate, peak: peak)
    case "cosine": return .cosine(rate: rate)
    case "steps":
      let shares = drops.split(separator: ",").map { Double($0) }
      guard !shares.isEmpty, shares.allSatisfy({ $0.map { 0..<1 ~= $0 } ?? false }) else {
        throw BadArgument(
          "--drops is '\(drops)'; expected shares from 0 to below 1, such as 0.5,0.75")
      }
      return .steps(rate: rate, at: shares.compactMap { $0 }, factor: 0.1)
    default:
      throw BadArgument("--schedule is '\(schedule)'; expected constant, steps, cyclic or cosine")
    }
  }
}
