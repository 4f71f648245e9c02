import Datasets
import Foundation
import Images
import JSON
import Tensors
import TestSupport
import Testing

/// The manual page and the examples of the help, which are both what the command says of itself.
@Suite struct ManualTests {
  /// A verb as `--experimental-dump-help` tells it.
  private struct Verb {
    let name: String
    /// Whether it runs by itself, not by verbs below it.
    let runs: Bool
    /// The names of options with their dashes, and those of arguments without.
    var words: [String] = []
    /// The command lines that the help ends with, each on one line.
    var examples: [String] = []
  }

  /// The verbs, and the options of all.
  private func verbs() throws -> (verbs: [Verb], common: [String]) {
    let result = try Command.run("--experimental-dump-help", in: try Folder())
    #expect(result.status == 0)
    let root = try #require(try JSONValue(parsing: result.output)["command"])
    let common = ManualTests.words(of: root)
    return (ManualTests.verbs(below: root), common)
  }

  /// The verbs below a command, and below each of these its own, which are called by both words.
  private static func verbs(below command: JSONValue, after before: String = "") -> [Verb] {
    (command["subcommands"]?.arrayValue ?? []).filter {
      $0["commandName"] != "help" || before.isEmpty
    }
    .flatMap { command -> [Verb] in
      let verb = ManualTests.verb(command, below: before)
      return [verb] + verbs(below: command, after: verb.name + " ")
    }
  }

  private static func verb(_ command: JSONValue, below prefix: String = "") -> Verb {
    Verb(
      name: prefix + (command["commandName"]?.stringValue ?? ""),
      runs: command["subcommands"]?.arrayValue?.isEmpty ?? true, words: words(of: command),
      examples: examples(in: command["discussion"]?.stringValue ?? ""))
  }

  private static func words(of command: JSONValue) -> [String] {
    (command["arguments"]?.arrayValue ?? []).filter { $0["shouldDisplay"] == true }.flatMap {
      argument -> [String] in
      guard let names = argument["names"]?.arrayValue else {
        return [argument["valueName"]?.stringValue ?? ""]
      }
      return names.map {
        ($0["kind"]?.stringValue == "long" ? "--" : "-") + ($0["name"]?.stringValue ?? "")
      }
    }
  }

  /// The command lines of the paragraph that a discussion ends with.
  private static func examples(in discussion: String) -> [String] {
    guard let start = discussion.range(of: "\n\nExamples:\n", options: .backwards) else {
      return []
    }
    let text = discussion[start.upperBound...]
    guard !text.contains("\n\n") else { return [] }
    return text.replacing(#/\\\n */#, with: "").split(separator: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  /// The sections of the page; its escapes are undone.
  private func sections() throws -> [String: String] {
    let root = URL(filePath: Fixtures.folder).deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appending(path: "Documentation/gibbon.1"), encoding: .utf8)
    let parts = page.replacing("\\-", with: "-").replacing("\\&", with: "")
      .replacing("\\e", with: "\\").components(separatedBy: "\n.Sh ")
    return Dictionary(
      uniqueKeysWithValues: parts.dropFirst().map { part in
        let end = part.firstIndex(of: "\n") ?? part.endIndex
        return (String(part[..<end]), String(part[end...]) + "\n")
      })
  }

  @Test func thePageHasEveryVerbAndOption() throws {
    let (verbs, common) = try verbs()
    let sections = try sections()
    #expect(verbs.count > 8 && common.contains("--help"))
    let description = try #require(sections["DESCRIPTION"])
    for word in common {
      #expect(heads(of: description).contains(word), "\(word); make man writes the page anew")
    }
    for verb in verbs {
      #expect(description.contains(".It Cm \(verb.name)\n"))
      #expect(!verb.runs || sections["SYNOPSIS"]?.contains(".Cm \(verb.name)\n") == true)
      let section = try #require(
        sections["GIBBON \(verb.name.uppercased())"], "\(verb.name); make man writes the page anew")
      let heads = heads(of: section)
      for word in verb.words where !common.contains(word) {
        #expect(heads.contains(word), "\(word) of \(verb.name); make man writes the page anew")
      }
      // What there is no more, it does not promise.
      for word in heads { #expect(verb.words.contains(word), "\(word) of \(verb.name)") }
    }
  }

  /// The options and arguments that the lists of a section are about.
  private func heads(of section: String) -> Set<String> {
    var heads = Set<String>()
    for line in section.split(separator: "\n") {
      if line.hasPrefix(".It Ar ") {
        heads.insert(line.dropFirst(7).split(separator: " ")[0].description)
      }
      guard line.hasPrefix(".It Fl ") else { continue }
      for option in line.matches(of: #/Fl (\S+)/#) { heads.insert("-\(option.1)") }
    }
    return heads
  }

  @Test func thePageHasTheRest() throws {
    let sections = try sections()
    for name in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"] {
      #expect(sections[name]?.isEmpty == false, "\(name)")
    }
    for status in ["0", "1", "2", "128"] {
      #expect(sections["EXIT STATUS"]?.contains(".It \(status)\n") == true)
    }
    let shown = try #require(sections["EXAMPLES"]).replacing(#/\\\n */#, with: "")
    for verb in try verbs().verbs {
      for line in verb.examples { #expect(shown.contains("\n\(line)\n"), "\(line)") }
    }
  }

  @Test func everyVerbHasExamples() throws {
    for verb in try verbs().verbs where verb.name != "help" {
      #expect(1...4 ~= verb.examples.count, "\(verb.name)")
      #expect(verb.examples.allSatisfy { $0.hasPrefix("gibbon \(verb.name)") }, "\(verb.name)")
    }
  }

  /// What examples name that whoever reads them has to bring.
  private static let brought = ["squeezenet.onnx", "resnet20.th", "http://", "photos.onnx"]
  /// What trains networks, takes its time and has tests of its own.
  private static let lengthy = ["demo", "show hans"]

  @Test func theExamplesWork() throws {
    var count = 0
    for verb in try verbs().verbs {
      for line in verb.examples
      where !ManualTests.brought.contains(where: line.contains)
        && !ManualTests.lengthy.contains(where: { line.hasPrefix("gibbon \($0)") })
      {
        let folder = try Folder()
        if line.contains(" digit.png") {
          let image = try MNIST.load(.test).image(at: 0)
          try folder.write(
            Bitmap(width: 28, height: 28, planes: image.scalars).png(), to: "digit.png")
        }
        let result = try Command(shortened(line), in: folder.path).result()
        #expect(result.status == 0, "\(line): \(result.errors)")
        let words = line.split(separator: " ").map(String.init)
        for (option, name) in zip(words, words.dropFirst())
        where ["--output", "--report", "--save", "--json"].contains(option) {
          #expect(folder.names.contains(name), "\(line)")
        }
        count += 1
      }
    }
    #expect(count >= 15)
  }

  /// The words of a command line, made to do less of the same.
  private func shortened(_ line: String) -> [String] {
    var words = line.split(separator: " ").dropFirst().map(String.init)
    if let place = words.firstIndex(of: "--count") {
      // Models are trained on these, and need some of each class.
      words[place + 1] = words.starts(with: ["show", "linear"]) ? "200" : "4"
    } else if words[0] == "train" {
      words += ["--count", "200"]
    }
    if let place = words.firstIndex(of: "--epochs") {
      words[place + 1] = "1"
    } else if words[0] == "train" {
      words += ["--epochs", "1"]
    }
    return words
  }
}
