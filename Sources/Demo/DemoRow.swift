import Robustness
import Studies
/// One line of the demo's table.
struct DemoRow: Sendable {
  let name: String
  /// What is measured, in a few words.
  let meaning: String
  /// The shares of images read rightly.
  let shares: Pair<Proportion>
  /// What was run.
  let trial: DemoTrial
  /// Whether the number is the accuracy that the trial measures without its attack.
  var isNatural = false
  /// Time and evaluations that the attack took on each network.
  let costs: Pair<Cost>

  struct Cost: Sendable {
    let seconds: Double
    let passes: Passes
  }

  init(_ trial: DemoTrial, _ runs: Pair<AttackRun>) {
    name = trial.name
    meaning = trial.meaning
    shares = runs.map(\.robust)
    self.trial = trial
    costs = runs.map { Cost(seconds: $0.seconds, passes: $0.passes) }
  }

  /// The accuracy on the images as they are.
  init(naturalOf trial: DemoTrial, _ runs: Pair<AttackRun>) {
    name = "natural"
    meaning = "the images as they are"
    shares = runs.map(\.clean)
    self.trial = trial
    isNatural = true
    costs = runs.map { run in
      Cost(seconds: 0, passes: Passes(forward: run.outcomes.count))
    }
  }
}
