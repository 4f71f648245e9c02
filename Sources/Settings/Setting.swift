import Synchronization

/// What a user can set, as messages speak of it.
///
/// Who offers settings under other names, such as the options of a command or the fields of a form, says once how they
/// are spelled there; in a library they are words with hyphens between.
public enum Setting: String, CaseIterable, Sendable, CustomStringConvertible {
  case algorithms, architecture, attack, attacks, attempts, batch, cache, channels, classes
  case constantInput, count, curve, data, dataLayout, dataRange, drops, eightBit, entry, epochs
  case exact, fixedColumns, from, goal, gradient, gradientNorm, header, inputRange, inputShape
  case json, label, labelSmoothing, labels, layout, maxWait, mean, method, model2, momentum
  case objective, offset, optimizer, out, output
  case outputName, peak, perSecond, queryLimit, radii, rate, report, resize, resume, save, schedule
  case seed, skipCertified, std, surrogate, target, targetClasses, targetColumn, targets, threads
  case threat, timeout
  case top, validation, values, verify, weightDecay, weightPerturbation

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
