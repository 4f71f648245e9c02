import Studies
import Demo
import ArgumentParser

/// The whole story on real digits.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Fool a network, see why, repair it, and write a report.",
    discussion: """
      Trains a small network on handwritten digits, and another of the same form that practises on attacked \
      images; attacks both; and writes a page with pictures, report.html, the numbers, report.json, and both \
      networks into a folder. It takes about three minutes on two quiet cores, and --quick half a minute.

      Examples:
        gibbon demo
        gibbon demo --quick --out first-look
        gibbon demo --quick --model mnist-certified --image digit.png
      """)

  @Flag(help: "Do less of everything: shorter training, fewer images, weaker attacks.")
  var quick = false

  @Option(help: "The folder for the results; it is created if it is missing.")
  var out = "gibbon-demo"

  @Option(help: "Determines all random choices.")
  var seed: UInt64 = 0

  @Option(
    help: "Another network that reads digits, which is asked as well what makes it see a 7.",
    completion: Completions.models)
  var model: String?

  @Option(
    help: "A picture of a digit that is changed into a 7, PNG or JPEG, instead of a test image.")
  var image: String?

  mutating func run() async throws {
    let folder = try DemoFolder(out)
    let settings = DemoSettings(
      isQuick: quick, seed: seed, command: ShellWords.ownWords, model: model, image: image,
      telling: TerminalObserver.observer)
    Terminal.note(
      "Two networks learn to read handwritten digits; one of them also learns to withstand attacks."
    )
    if quick {
      Terminal.note(
        "This is the quick version: its numbers are rougher than those of the full demo.")
    }
    do {
      let result = try await Interrupt.guarding {
        let result = try await Demo(settings: settings).run()
        try Task.checkCancellation()
        return result
      }
      var delivery = Delivery()
      delivery.tell("\n" + result.text(folder))
      await delivery.step { try await folder.write(result) }
      try delivery.finish()
    } catch is CancellationError {
      folder.discard()
      throw StudyInterrupted(description: "interrupted; nothing was written to \(folder.path)")
    } catch {
      folder.discard()
      throw error
    }
  }
}
