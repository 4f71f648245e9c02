import Attacks
import JSON
import Studies
import Testing

@Suite struct HelpTests {
  private func help(_ line: String) throws -> String {
    let folder = try Folder()
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(folder.names.isEmpty)
    return result.output
  }

  @Test(arguments: ["--help", "-h", "help"])
  func theCommand(word: String) throws {
    let text = try help(word)
    for verb in [
      "classify", "attack", "evaluate", "matrix", "certify", "corrupt", "show", "attacks", "train",
      "info", "demo",
    ] {
      #expect(text.contains("  \(verb) "))
    }
    for name in ["mnist-standard", "mnist-robust", "linf:8/255", "mnist:test", "Exit status"] {
      #expect(text.contains(name))
    }
  }

  @Test(arguments: [
    (
      "attack",
      [
        "<model>", "--data", "--count", "--offset", "--threat", "--attack", "--target", "--seed",
        "--batch", "--json", "--report", "--save", "program:COMMAND", "--header", "--timeout",
        "--attempts", "--max-wait", "--per-second", "--query-limit", "--cache", "--classes",
      ]
    ),
    (
      "train",
      [
        "<architecture>", "MOST USED", "--output", "--recipe", "--augment", "--warm-up",
        "--held-out", "--time", "--metrics", "--tensorboard", "--data", "--count", "--epochs",
        "--batch", "--optimizer",
        "--rate", "--schedule", "--momentum", "--weight-decay", "--seed", "--threat", "--attack",
        "--validation", "--resume", "--json",
      ]
    ),
    (
      "evaluate",
      [
        "<model>", "--data", "--count", "--threat", "--attacks", "--curve", "--model2",
        "--fail-below", "--no-checks", "--json", "--report", "--save", "--resume", "--cache",
        "--verify", "--skip-certified", "--corruptions", "--severities", "--suite", "--base",
        "--worst-of", "--drift",
      ]
    ),
    (
      "corrupt",
      [
        "<data>", "--corruption", "--severity", "--suite", "--seed", "--output", "--form",
        "--count",
        "--json",
      ]
    ),
    (
      "matrix",
      [
        "<models>", "--data", "--count", "--threat", "--attacks", "--verify", "--skip-certified",
        "--json", "--report", "--resume",
      ]
    ),
    (
      "show imperceptible",
      [
        "<model>", "--data", "--index", "--image", "--threat", "--attack", "--seed", "--json",
        "--report", "--save",
      ]
    ),
    (
      "show linear",
      [
        "<model>", "--data", "--count", "--validation", "--classes", "--sizes", "--threat",
        "--draws", "--epochs", "--seed", "--json", "--report",
      ]
    ),
    (
      "show spatial",
      [
        "<models>", "--data", "--count", "--threat", "--grid", "--draws", "--ball", "--json",
        "--report",
      ]
    ),
    ("attacks", ["<attack>"]),
    ("show", ["morph", "attribution", "imperceptible", "linear", "spatial", "hans"]),
    (
      "show attribution",
      [
        "<model>", "<image>", "--data", "--index", "--method", "--class", "--score", "--checks",
        "--seed", "--json", "--report", "--output", "smoothgrad", "integrated-gradients", "rise",
      ]
    ),
    (
      "play",
      [
        "<game>", "<file>", "--list", "--rounds", "--step-size", "--form", "--second", "--target",
        "--favorable", "--costs", "--cost-shape", "--benefit", "--strategic", "--strengths",
        "--penalty", "--most-negatives", "--count", "--seed", "--json", "--report",
      ]
    ),
    ("classify", ["<model>", "<photos>", "--labels", "--top", "--resize", "--json"]),
    (
      "info",
      [
        "<model>", "--data", "--data-layout", "--data-range", "--targets", "--count", "--offset",
        "--json",
      ]
    ),
  ])
  func aVerb(verb: String, options: [String]) throws {
    let text = try help("\(verb) --help")
    for option in options { #expect(text.contains(option), "\(option)") }
    #expect(try help("help \(verb)") == text)
    // Fifty attacks with their options would bury everything else.
    let limit = verb == "train" ? 200 : verb == "evaluate" ? 170 : 150
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < limit)
  }

  @Test func everySettingOfATrainingHasAnOption() throws {
    let text = try help("train --help")
    let members = Mirror(reflecting: RecipeSettings()).children.compactMap(\.label)
    for member in members where member != "name" && member != "input" {
      let name = member.reduce(into: "") {
        $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1)
      }
      #expect(text.contains("--\(name)"), "\(name)")
    }
  }

  @Test func theAttacks() throws {
    let list = try help("attacks")
    for row in Catalogue.rows {
      #expect(list.contains(row.name) && list.contains(row.summary))
      let text = try help("attacks \(row.name)")
      #expect(text.contains("\(row.name): \(row.summary)"))
      for parameter in row.parameters {
        #expect(text.contains("--\(parameter.name): \(parameter.summary)"))
      }
    }
    let unknown = try Command.run(line: "attacks nonsense", in: try Folder())
    #expect(unknown.status == 2)
    #expect(unknown.message.contains("there is no attack 'nonsense'"))
  }

  @Test func noAttacksOptionIsOneOfTheCommands() throws {
    // An option of both would go to the command, and never reach the attack.
    let taken = Set(
      try help("attack --help").split(separator: "\n")
        .compactMap { $0.prefixMatch(of: #/  (-[a-z], )?--([a-z0-9-]+)/#).map { String($0.2) } })
    #expect(taken.count > 20)
    for row in Catalogue.rows {
      for parameter in row.parameters {
        #expect(!taken.contains(parameter.name), "--\(parameter.name) of \(row.name)")
      }
    }
  }

  @Test func linesAreBrokenWhereTheyShould() throws {
    let text = try help("--help").split(separator: "\n")
    #expect(!text.contains { $0.hasSuffix("fools it, trains one that") && $0.count < 70 })
    #expect(try help("attack --help").contains("--labels names.txt \\\n"))
  }

  @Test func theVersion() throws {
    let parts = try help("--version").split(separator: "\n")
    #expect(parts.count == 1)
    #expect(parts[0].wholeMatch(of: #/[0-9]+\.[0-9]+\.[0-9]+/#) != nil)
  }

  @Test func infoListsWhatThereIs() throws {
    let text = try help("info")
    for name in ["mnist-standard", "mnist-robust", "mnist-small", "mnist-madry", "mnist-mlp"] {
      #expect(text.contains(name))
    }
  }

  @Test func infoWritesWhatThereIs() throws {
    let folder = try Folder()
    let result = try Command.run(line: "info --json info.json", in: folder)
    #expect(result.status == 0 && result.output.contains("mnist-mlp"))
    let json = try JSONValue(parsing: #require(folder.text("info.json")))
    #expect(json["networks"]?.arrayValue?.contains("mnist-robust") == true)
    let names = json["architectures"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
    #expect(names?.contains("mnist-small") == true && json["verb"] == "info")
  }
}
