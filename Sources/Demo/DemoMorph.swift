import Files
import Insight
import Networks
import Pages
import Reports
import Settings
import Studies

/// What makes each of the demo's networks see one digit in the picture of another.
enum DemoMorph {
  /// The digit to be seen.
  static let target = 7
  /// The test image that is changed where there is no other picture: a 2.
  static let index = 1

  /// What is asked.
  private static func specification(_ settings: DemoSettings) -> MorphSpecification {
    var asked = MorphSpecification()
    asked.models = settings.model.map { [$0] } ?? []
    asked.photo = settings.image
    if settings.image == nil { asked.data.offset = index }
    asked.target = "\(target)"
    asked.seed = settings.seed
    return asked
  }

  /// Makes sure that a network and a picture of one's own can be read, before the long work begins.
  ///
  /// - Throws: An error that names what cannot.
  static func check(_ settings: DemoSettings) throws {
    let form = try Architecture.named(settings.architecture).network(seed: settings.seed)
    _ = try MorphStudy(specification(settings), after: [("standard", form)])
  }

  /// Searches the changes of both networks, and of the other one.
  static func search(
    _ networks: Pair<DemoNetwork>, _ settings: DemoSettings
  ) async throws -> MorphResult {
    try await MorphStudy(
      specification(settings), after: networks.all.map { ($0.name, $0.network) },
      telling: settings.observer
    ).run(telling: settings.observer)
  }

  /// What came of it, in a sentence.
  static func words(_ result: MorphResult) -> String {
    let lengths = result.morphs.compactMap { network in
      network[target: target]?.least.map {
        "\(Format.significant($0.length, digits: 2)) for \(network.model.fileName)"
      }
    }
    return lengths.isEmpty
      ? "Nothing had to change."
      : "The least change, in L2 length: \(lengths.joined(separator: ", "))."
  }

  /// The command that searches the same changes.
  static func command(_ files: Pair<String>, _ settings: DemoSettings) -> [String] {
    ["gibbon", "show", "morph"] + files.all
      + [settings.model, settings.image].compactMap { $0 } + ["\(Setting.to)", "\(target)"]
      + (settings.image == nil ? ["\(Setting.index)", "\(index)"] : [])
      + ["\(Setting.seed)", "\(settings.seed)"]
  }
}

extension DemoResult {
  /// What must change so that each network sees the digit, with noise of the same size as the control.
  var morphSection: [HTMLBlock] {
    let target = DemoMorph.target
    let lengths = morph.morphs.compactMap { network in
      network[target: target]?.least.map {
        "\(network.model.fileName) \(Format.significant($0.length, digits: 2))"
      }
    }
    var blocks: [HTMLBlock] = [
      .heading("What makes a network see a \(target)"),
      .paragraph(
        """
        One picture, and for each network the least change that was found after which it sees a \(target). The \
        Euclidean lengths (L2): \(strong: lengths.joined(separator: ", ")). The network that practised gives in only \
        after a longer change. Beside each stands noise of the same size: its direction is no one’s, and it does nothing.
        """),
    ]
    for network in morph.morphs {
      guard let row = morph.row(network, target, \Morph.least) else { continue }
      blocks += [.heading(network.model.fileName, level: 3), .images(row)]
    }
    return blocks
  }
}
