import Synchronization

/// What a user can set, as messages speak of it.
///
/// Who offers settings under other names, such as the options of a command or the fields of a form, says once how they
/// are spelled there; in a library they are words with hyphens between.
public enum Setting: String, CaseIterable, Sendable, CustomStringConvertible {
  case Of, `class`, algorithms, alpha, architecture, attack, attacked, attacks, attempts
  case augment, average, ball, base, batch, benefit, budget, cache, channels, checks
  case classWeights, classes, confidence, constantInput, corruption, corruptions, costShape
  case costs, count, curve, data, dataLayout, dataRange, decayVectors, draws, drift, dropFactor
  case drops, eightBit, entry, epochs, exact, favorable, fixedColumns, floor, form, freeze, from
  case gallery, games, goal, gradient, gradientNorm, grid, header, heldOut, image, index, input
  case inputRange, inputShape, json, keep, label, labelSmoothing, labels, layout, maxWait, mean
  case method, metrics, metricsEvery, model2, momentum, mostNegatives, neighbours, objective
  case offset, onCollapse, optimizer, out, output, outputName, parts, patience, peak, penalty,
    perClass
  case perSecond, plant, points, queryLimit, radii, rate, recipe, report, resize, resume, rounds
  case save, schedule, score, second, seed, selection, severities, severity, sizes
  case skipCertified, smoothing, statistics, std, stepSize, steps, strategic, strengths, suite
  case surrogate, target, targetClasses, targetColumn, targets, tensorboard, threads, threat
  case time, timeout, to, top, validation, values, verify, warmUp, weightDecay
  case weightPerturbation, worstOf

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
