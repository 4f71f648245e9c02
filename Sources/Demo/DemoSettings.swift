import Reports
package import Studies

/// How much the demo does.
package struct DemoSettings: Sendable {
  /// Whether to do less of everything.
  let isQuick: Bool
  /// Determines all random choices.
  let seed: UInt64
  /// The words of the command that asks for it.
  let command: [String]
  /// Who is told what happens.
  let observer: Observer

  /// How much to do.
  ///
  /// - Parameters:
  ///   - isQuick: Whether to do less of everything.
  ///   - seed: Determines all random choices.
  ///   - command: The words of the command that asks for it, for the records.
  ///   - observer: Told what happens.
  package init(isQuick: Bool, seed: UInt64, command: [String], telling observer: Observer) {
    self.isQuick = isQuick
    self.seed = seed
    self.command = command
    self.observer = observer
  }

  /// How far each pixel may move, of the way from black to white.
  let radius = 0.3
  var threat: String { "linf:\(Format.shortest(radius))" }

  let architecture = "mnist-small"
  var epochs: Pair<Int> { isQuick ? Pair(1, 2) : Pair(4, 6) }
  /// How many passes the robust network makes against a stronger attack at the end.
  var polishing: Int { isQuick ? 1 : 2 }
  /// How many of the first training images are learned from; all by default.
  var trainingCount: Int? { isQuick ? 30_000 : nil }
  /// How many of the first test images are attacked after each epoch.
  var checkedCount: Int { isQuick ? 200 : 500 }

  /// How many of the first test images are attacked for the table; all by default.
  var attackedCount: Int? { isQuick ? 500 : 2000 }
  var steps: Int { isQuick ? 20 : 40 }
  var stepSize: Double { isQuick ? 0.02 : 0.01 }
  var restarts: Int { isQuick ? 1 : 5 }

  /// How many of the first test images are attacked for the curves.
  var curveCount: Int { isQuick ? 200 : 1000 }
  var curveSteps: Int { isQuick ? 20 : 40 }
  /// The radii of the curves: close together where the curves fall.
  var radii: [Double] {
    let hundredths =
      isQuick
      ? [2, 4, 6, 8, 10, 15, 20, 25, 30, 35, 40, 50]
      : [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 28, 30, 31, 32, 33, 34, 35, 36, 38, 40,
        45, 50,
      ]
    return hundredths.map { Double($0) / 100 }
  }

  /// How many of the first test images are searched for pictures.
  var galleryCount: Int { isQuick ? 200 : 1000 }

  /// How many images are searched for the smallest changes, and how often the search halves them.
  var smallest: (images: Int, rounds: Int) { isQuick ? (24, 5) : (64, 7) }

  /// The attack of the table in words.
  var strongAttack: String {
    "PGD, \(steps) steps" + (restarts == 1 ? "" : " × \(restarts) restarts")
  }
}
