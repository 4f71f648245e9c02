import Networks
package import Datasets
package import Engine
package import Robustness

extension AttackRun {
  /// A network on which the attack is made.
  package struct Surrogate: Sendable {
    /// What it is called.
    package let name: String
    let network: Network
  }

  /// What to do.
  package struct Request: Sendable {
    /// What is attacked.
    package var subject: Subject
    /// The examples.
    package var data: Dataset
    /// What may change.
    package var threat: ThreatReference
    /// What the attack is to bring about.
    package var aim = Aim.miss
    /// The attack.
    package var attack: any Attack
    /// The attack with its options, in words.
    package var attackDescription: String
    /// The attack by its name, with all options.
    package var settings: AttackSettings?
    /// Radii of single examples, instead of the threat's.
    package var radii: RadiusFile?
    /// The values that changed inputs may have, if they are rounded.
    package var levels: Levels?
    /// Determines all random choices.
    package var seed: UInt64
    /// The words of the command that asks for it; empty if none does.
    package var command: [String] = []
    /// The specification that it was made of, if it was made of one.
    package var specification: (any Specification)?
    /// How many examples the network sees at once.
    package var batch: Int
    /// How algorithms are chosen.
    package var algorithms = Algorithms.Policy.fastest
    /// Networks on which the attack is made, which the model then judges.
    package var surrogates: [Surrogate] = []
    /// What to call the work while it is under way.
    package var title = "attack"

    /// An attack on examples; what else there is to say, the properties do.
    package init(
      subject: Subject, data: Dataset, threat: ThreatReference, attack: any Attack,
      attackDescription: String, radii: RadiusFile? = nil, seed: UInt64, batch: Int
    ) {
      self.subject = subject
      self.data = data
      self.threat = threat
      self.attack = attack
      self.attackDescription = attackDescription
      self.radii = radii
      self.seed = seed
      self.batch = batch
    }

    /// What the model is called.
    package var model: String { subject.name }

    /// The class that is to be seen, if there is one.
    package var target: Int? { aim.target }

    /// Whether examples are right where they are taken for their class.
    package var isAboutClasses: Bool { aim.isAboutClasses(data.targetKind) }

    /// The range that changed inputs stay in.
    package var bounds: ClosedRange<Float> { data.bounds(for: subject.input) }

    /// What may change, in words.
    package var threatDescription: String {
      let ball =
        (radii.map { "\(threat), or the radius that \($0.path) gives an example" }
          ?? threat.description) + data.remark(on: threat)
      return levels.map { "\(ball), rounded to \($0.values.count) levels" } ?? ball
    }
  }
}
