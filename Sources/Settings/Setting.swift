import Synchronization

/// What a user can set, as messages speak of it.
///
/// Who offers settings under other names, such as the options of a command or the fields of a form, says once how they
/// are spelled there; in a library they are words with hyphens between.
public enum Setting: String, CaseIterable, Sendable, CustomStringConvertible {
  case algorithms, architecture, attack, attacked, attacks, attempts, augment, average, batch
  case cache, channels, classes, classWeights, constantInput, count, curve, data, dataLayout
  case dataRange, decayVectors, dropFactor, drops, eightBit, entry, epochs, exact, fixedColumns
  case floor, freeze, from, goal, gradient, gradientNorm, header, heldOut, input, inputRange
  case inputShape, json, keep, label, labels, labelSmoothing, layout, maxWait, mean, method
  case metrics, metricsEvery, model2, momentum, objective, offset, onCollapse, optimizer, out
  case output, outputName, patience, peak, perSecond, points, queryLimit, radii, rate, recipe
  case report, resize, resume, save, schedule, seed, skipCertified, statistics, std, surrogate
  case target, targetClasses, targetColumn, targets, tensorboard, threads, threat, time, timeout
  case top, validation, values, verify, warmUp, weightDecay, weightPerturbation

  /// How names are spelled.
  ///
  /// A structure around the function: as the lock's own value, a function would be wrapped once more at every access.
  private struct Spelling: Sendable {
    var spell: @Sendable (String) -> String
  }

  private static let spelling = Mutex(Spelling { $0 })

  /// Says how settings are spelled in the messages of this process from now on, given their names in words with hyphens
  /// between, such as `data-range`.
  public static func spell(_ spelling: @escaping @Sendable (String) -> String) {
    Setting.spelling.withLock { $0.spell = spelling }
  }

  /// The name as messages have it.
  public var description: String { Setting.spelling(ofOption: name) }

  /// The name in words with hyphens between.
  public var name: String {
    rawValue.reduce(into: "") { name, letter in
      name += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
    }
  }

  /// The name of an attack's option as messages have it.
  public static func spelling(ofOption name: String) -> String {
    spelling.withLock { $0.spell }(name)
  }
}
