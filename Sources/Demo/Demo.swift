import Robustness
import Reports
import Insight
import Datasets
/// Fools a network, finds out why, trains one that withstands, and compares the two.
package struct Demo: Sendable {
  let settings: DemoSettings

  /// A demo of some size.
  package init(settings: DemoSettings) { self.settings = settings }

  /// Does all the work; nothing is written.
  package func run() async throws -> DemoResult {
    var narration = Narration(stages: 6, telling: settings.observer)
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
    return DemoResult(
      settings: settings, networks: networks, test: data.test, table: table, curves: curves,
      linearity: linearity, pictures: pictures, stages: narration.stages)
  }
}
