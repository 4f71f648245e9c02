import Attacks

/// How one of the demo's networks is trained, in the words of `gibbon train`.
struct DemoLesson: Sendable {
  /// Number of passes over the data.
  let epochs: Int
  /// Options of the learning rate.
  var pace: [String] = []
  /// Whom to train against; nobody by default.
  var attack: (any ConfigurableAttack)?

  /// Training on the images as they are.
  static func plain(epochs: Int) -> DemoLesson { DemoLesson(epochs: epochs) }

  /// Wong's fast training: one step from a random start.
  static func fast(epochs: Int) -> DemoLesson {
    DemoLesson(
      epochs: epochs,
      attack: FGSM {
        $0.randomStart = true
        $0.stepSize = 0.375
      })
  }

  /// Madry's training, which knows better where an image is weak: a few steps, at a smaller rate.
  static func polish(epochs: Int) -> DemoLesson {
    DemoLesson(
      epochs: epochs, pace: ["--rate", "0.002", "--peak", "0.2"],
      attack: PGD {
        $0.steps = 5
        $0.stepSize = 0.1
      })
  }
}
