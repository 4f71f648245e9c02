import Datasets
import Files
import Insight
import JSON
import Networks
import Platform
import Reports
import Robustness
import Settings
package import Studies

/// Fools a network, finds out why, trains one that withstands, and compares the two.
package struct Demo: Sendable {
  let settings: DemoSettings

  /// A demo of some size.
  package init(settings: DemoSettings) { self.settings = settings }

  /// Does all the work; nothing is written.
  package func run() async throws -> DemoResult {
    try DemoMorph.check(settings)
    var narration = Narration(stages: 7, telling: settings.observer)
    let settings = settings
    let data = (
      train: try MNIST.load(.train).subset(offset: 0, count: settings.trainingCount),
      test: try MNIST.load(.test)
    )
    let digits = Format.count(data.train.count)
    let strength = Format.shortest(settings.radius)

    let standard = try await narration.stage("Training a standard network") {
      try await DemoNetwork.train(
        "standard", settings, .plain(epochs: settings.epochs.standard), on: data)
    } telling: {
      "A network learned to read digits from \(digits) images: it reads "
        + "\(Format.percent($0.finalAccuracy)) of \(Format.count(data.test.count)) new ones rightly."
    }
    let robust = try await narration.stage("Training a robust network") {
      let fast = try await DemoNetwork.train(
        "robust", settings, .fast(epochs: settings.epochs.robust), on: data)
      return try await DemoNetwork.train(
        "robust", settings, .polish(epochs: settings.polishing), after: fast, on: data)
    } telling: {
      "A second one practised on images that an attacker had changed, and reads "
        + "\(Format.percent($0.finalAccuracy)) rightly."
    }
    let networks = Pair(standard, robust)
    let table = try await narration.stage("Attacking both networks") {
      try await DemoTable.measure(networks, on: data.test, settings)
    } telling: {
      let left = $0.strongRow.shares.map { Format.percent($0.share) }
      return "Both were attacked, every pixel moved by at most \(strength): the first still reads "
        + "\(left.standard) rightly, the second \(left.robust)."
    }
    let curves = try await narration.stage("Measuring how strong an attack must be") {
      try await DemoCurves.measure(networks, on: data.test, settings)
    } telling: {
      "Larger and smaller changes, to see how much each network withstands: "
        + "\($0.radii.count - 1) sizes on \(Format.count($0.count)) images."
    }
    let linearity = try await narration.stage("Finding out why") {
      try await Linearity.measure(
        standard.compiled,
        on: try data.test.subset(offset: 0, count: settings.curveCount).examples,
        radii: [0.01, 0.05, 0.1, settings.radius], seed: settings.seed)
    } telling: { _ in
      "Why it works: the effects of many small changes were added up."
    }
    let pictures = try await narration.stage("Choosing pictures") {
      try await DemoPainter(
        networks: networks, test: data.test, settings: settings, table: table, curves: curves
      ).paint()
    } telling: { _ in
      "Pictures were chosen that show it best."
    }
    let morph = try await narration.stage("Asking what makes a network see a \(DemoMorph.target)") {
      try await DemoMorph.search(networks, settings)
    } telling: {
      DemoMorph.words($0)
    }
    return DemoResult(
      settings: settings, networks: networks, test: data.test, table: table, curves: curves,
      linearity: linearity, pictures: pictures, morph: morph, stages: narration.stages)
  }
}

/// How much the demo does.
package struct DemoSettings: Sendable {
  /// Whether to do less of everything.
  let isQuick: Bool
  /// Determines all random choices.
  let seed: UInt64
  /// The words of the command that asks for it.
  let command: [String]
  /// Another network that is asked what makes it see a digit, if there is one.
  let model: String?
  /// A picture that is changed then, instead of a test image.
  let image: String?
  /// Who is told what happens.
  let observer: Observer

  /// How much to do.
  ///
  /// - Parameters:
  ///   - isQuick: Whether to do less of everything.
  ///   - seed: Determines all random choices.
  ///   - command: The words of the command that asks for it, for the records.
  ///   - model: Another network that is asked what makes it see a digit.
  ///   - image: A picture that is changed then, instead of a test image.
  ///   - observer: Told what happens.
  package init(
    isQuick: Bool, seed: UInt64, command: [String], model: String? = nil, image: String? = nil,
    telling observer: Observer
  ) {
    self.isQuick = isQuick
    self.seed = seed
    self.command = command
    self.model = model
    self.image = image
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

/// What the demo tells while it works: a line for each stage when it is done.
struct Narration: Sendable {
  /// A stage that is done.
  struct Stage: Sendable {
    let name: String
    let seconds: Double
  }

  let total: Int
  let observer: Observer
  private(set) var stages: [Stage] = []

  init(stages total: Int, telling observer: Observer) {
    self.total = total
    self.observer = observer
  }

  /// Runs a stage, then says in a sentence what came of it and how long it took.
  mutating func stage<Result>(
    _ name: String, _ work: () async throws -> Result, telling sentence: (Result) -> String
  ) async throws -> Result {
    try Task.checkCancellation()
    let line = observer.begin(name, of: 0, "")
    let start = ContinuousClock.now
    let result = try await work()
    let seconds = (ContinuousClock.now - start).seconds
    stages.append(Stage(name: name, seconds: seconds))
    line.finish()
    observer.tell(
      .done(
        "[\(stages.count)/\(total)] \(sentence(result)) (\(Format.duration(seconds: seconds)))"))
    return result
  }
}

/// Where the demo leaves its results.
package struct DemoFolder: Sendable {
  /// The folder as it was named.
  package let path: String
  /// The folders that were created, the innermost first.
  private let created: [String]

  static let networks = Pair("standard.safetensors", "robust.safetensors")
  static let radii = "noise-radii.safetensors"
  static let json = "report.json"
  static let page = "report.html"

  /// Makes sure that results can be written, and creates the folder if it is missing.
  ///
  /// - Throws: `FileError` or `StudyError`.
  package init(_ path: String) throws {
    guard !path.isEmpty else {
      throw StudyError("\(Setting.out) is empty; expected the name of a folder")
    }
    self.path = path
    var created: [String] = []
    var place = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      place += part
      if mkdir(place, 0o777) == 0 {
        created.insert(place, at: 0)
      } else if errno != EEXIST {
        let code = errno
        DemoFolder.remove(created)
        throw FileError(path: place, action: "create the folder", code: code)
      }
      place += "/"
    }
    self.created = created
    do {
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw FileError(path: path, action: "look it up", code: errno)
      }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError(path: path, action: "use it as a folder", code: ENOTDIR)
      }
      for name in DemoFolder.networks.all + [DemoFolder.radii, DemoFolder.json, DemoFolder.page] {
        try AtomicFile.check(file(name))
      }
    } catch {
      discard()
      throw error
    }
  }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

  /// Removes the folder again if it was created and nothing is in it.
  package func discard() { DemoFolder.remove(created) }

  private static func remove(_ folders: [String]) { for folder in folders { rmdir(folder) } }

  /// Writes all results, each file whole or not at all.
  package func write(_ result: DemoResult) async throws {
    let page = try result.page(self).html()
    for (network, name) in zip(result.networks.all, DemoFolder.networks.all) {
      try network.file(result.settings).write(to: file(name))
    }
    try AtomicFile.write(result.radii.encoded(), to: file(DemoFolder.radii))
    try AtomicFile.write(result.json(self).text(.pretty) + "\n", to: file(DemoFolder.json))
    try AtomicFile.write(page, to: file(DemoFolder.page))
  }
}
