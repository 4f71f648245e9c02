import Settings
import Attacks
import Studies
/// How one of the demo's networks is trained, in the words of `gibbon train`.
struct DemoLesson: Sendable {
  /// Number of passes over the data.
  let epochs: Int
  /// The largest learning rate and when it is reached; those of the recipe by default.
  var rate: (largest: Double, peak: Double)?
  /// Whom to train against; nobody by default.
  var attack: (any ConfigurableAttack)?

  /// The options that say the learning rate.
  var pace: [String] {
    rate.map { ["\(Setting.rate)", "\($0.largest)", "\(Setting.peak)", "\($0.peak)"] } ?? []
  }

  /// How to train, but for the adversary.
  func recipe(seed: UInt64) -> RecipeSettings {
    var settings = RecipeSettings()
    settings.epochs = epochs
    settings.seed = seed
    if let rate { (settings.rate, settings.peak) = (rate.largest, rate.peak) }
    return settings
  }

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
      epochs: epochs, rate: (0.002, 0.2),
      attack: PGD {
        $0.steps = 5
        $0.stepSize = 0.1
      })
  }
}
