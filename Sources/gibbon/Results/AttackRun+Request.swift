import Datasets
import Engine
import Networks
import Robustness

extension AttackRun {
  /// A network on which the attack is made.
  struct Surrogate: Sendable {
    let name: String
    let network: Network
  }

  /// What to do.
  struct Request: Sendable {
    var subject: Subject
    var data: Dataset
    var threat: ThreatReference
    /// What the attack is to bring about.
    var aim = Aim.miss
    var attack: any Attack
    var attackDescription: String
    /// The attack by its name, with all options.
    var settings: AttackSettings?
    /// Radii of single examples, instead of the threat's.
    var radii: RadiusFile?
    /// The values that changed inputs may have, if they are rounded.
    var levels: Levels?
    var seed: UInt64
    var batch: Int
    /// How algorithms are chosen.
    var algorithms = Algorithms.Policy.fastest
    /// Networks on which the attack is made, which the model then judges.
    var surrogates: [Surrogate] = []
    /// What to call the work while it is under way.
    var title = "attack"

    /// What the model is called.
    var model: String { subject.name }

    /// The class that is to be seen, if there is one.
    var target: Int? { aim.target }

    /// Whether examples are right where they are taken for their class.
    var isAboutClasses: Bool { aim.isAboutClasses(data.targetKind) }

    /// The range that changed inputs stay in.
    var bounds: ClosedRange<Float> { data.bounds(for: subject.input) }

    /// What may change, in words.
    var threatDescription: String {
      let ball =
        (radii.map { "\(threat), or the radius that \($0.path) gives an example" }
          ?? threat.description) + data.remark(on: threat)
      return levels.map { "\(ball), rounded to \($0.values.count) levels" } ?? ball
    }
  }
}
